package main

import (
	"math"
	"strconv"
)

// Landmarks are rated items that others are compared with, by the columns of one mask.
type Landmarks struct {
	Columns      []int
	Means, Units []float64
	Points       [][]float64
}

// Surface stands beside the effects of a head: a smooth function of all columns together.
type Surface struct {
	Weights, Coefficients []float64
	Level                 float64
}

const (
	farthest = 3 // standard deviations from the mean beyond which values are not told apart
	decimals = 9 // of what a surface adds, so that no processor shows in a score
)

// at is what the surface adds to the rank, and its shares by column: by how fast it rises where the item stands, times
// how far the column stands from its mean; what is left over in proportion.
func (s *Surface) at(marks *Landmarks, values map[int]float64) (float64, map[int]float64) {
	shares := map[int]float64{}
	if s == nil || marks == nil {
		return 0, shares
	}
	point := marks.point(values)
	near := s.near(marks, point)
	total := round(fsum(near) - s.Level)
	parts, sizes := make([]float64, len(point)), make([]float64, len(point))
	for c, x := range point {
		rises := make([]float64, len(near))
		for i, mark := range marks.Points {
			rises[i] = float64(near[i] * mark[c])
		}
		parts[c] = float64(2 * s.Weights[c] * (fsum(rises) - float64(fsum(near)*x)) * x)
		sizes[c] = math.Abs(parts[c])
	}
	size := fsum(sizes)
	for c, k := range marks.Columns {
		if size < 1e-12 {
			shares[k] = total / float64(len(parts))
		} else {
			shares[k] = round(parts[c] + float64((total-fsum(parts))*sizes[c]/size))
		}
	}
	return total, shares
}

// point is where the item stands, in units.
func (m *Landmarks) point(values map[int]float64) []float64 {
	point := make([]float64, len(m.Columns))
	for c, k := range m.Columns {
		point[c] = min(max((values[k]-m.Means[c])/m.Units[c], -farthest), farthest)
	}
	return point
}

// near is each landmark's coefficient times its likeness to the item.
func (s *Surface) near(marks *Landmarks, point []float64) []float64 {
	near := make([]float64, len(marks.Points))
	for i, mark := range marks.Points {
		squares := make([]float64, len(point))
		for c, x := range point {
			squares[c] = float64((x - mark[c]) * (x - mark[c]) * s.Weights[c])
		}
		near[i] = float64(math.Exp(-fsum(squares)) * s.Coefficients[i])
	}
	return near
}

// round is to decimals, half to even of the exact value.
func round(x float64) float64 {
	found, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'f', decimals, 64), 64)
	return found
}
