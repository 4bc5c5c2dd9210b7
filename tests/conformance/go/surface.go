package main

import (
	"math"
	"strconv"
)

// Surface stands beside the effects of a head: a smooth function of several columns together.
type Surface struct {
	Columns              []int
	Means, Units, Scales []float64
	Landmarks            [][]float64
	Coefficients         []float64
	Level                float64
}

const (
	farthest = 3 // standard deviations from the mean beyond which values are not told apart
	decimals = 9 // of what a surface adds, so that no processor shows in a score
)

// at is what the surface adds to the rank, and its shares by column: by how fast it rises where the item stands, times
// how far the column stands from its mean; what is left over in proportion.
func (s *Surface) at(values map[int]float64) (float64, map[int]float64) {
	shares := map[int]float64{}
	if s == nil {
		return 0, shares
	}
	point, near := s.near(values)
	total := round(fsum(near) - s.Level)
	parts, sizes := make([]float64, len(point)), make([]float64, len(point))
	for c, x := range point {
		rises := make([]float64, len(near))
		for i, landmark := range s.Landmarks {
			rises[i] = float64(near[i] * landmark[c])
		}
		parts[c] = float64(2 * (fsum(rises) - float64(fsum(near)*x)) * x)
		sizes[c] = math.Abs(parts[c])
	}
	size := fsum(sizes)
	for c, k := range s.Columns {
		if size < 1e-12 {
			shares[k] = total / float64(len(parts))
		} else {
			shares[k] = parts[c] + float64((total-fsum(parts))*sizes[c]/size)
		}
	}
	return total, shares
}

// near is where the item stands, and each landmark's coefficient times its likeness.
func (s *Surface) near(values map[int]float64) ([]float64, []float64) {
	point := make([]float64, len(s.Columns))
	for c, k := range s.Columns {
		point[c] = min(max((values[k]-s.Means[c])/s.Units[c], -farthest), farthest) * s.Scales[c]
	}
	near := make([]float64, len(s.Landmarks))
	for i, landmark := range s.Landmarks {
		squares := make([]float64, len(point))
		for c, x := range point {
			squares[c] = float64((landmark[c] - x) * (landmark[c] - x))
		}
		near[i] = float64(math.Exp(-fsum(squares)) * s.Coefficients[i])
	}
	return point, near
}

// round is to decimals, half to even of the exact value.
func round(x float64) float64 {
	found, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'f', decimals, 64), 64)
	return found
}
