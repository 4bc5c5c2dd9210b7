package main

func pValue(fit *Fit, values map[int]float64) *float64 {
	if fit.Support == nil {
		return nil
	}
	s := fit.Support
	z := make([]float64, len(fit.Columns))
	for i, k := range fit.Columns {
		z[i] = normal(s.Knots[i], s.Normals[i], values[k])
	}
	distance := 0.0
	for _, row := range s.Whitener {
		products := make([]float64, len(row))
		for i, weight := range row {
			products[i] = float64(weight * z[i])
		}
		part := fsum(products)
		distance += float64(part * part)
	}
	beyond := 0
	for _, other := range s.Distances {
		if other >= distance {
			beyond++
		}
	}
	chance := float64(beyond+1) / float64(len(s.Distances)+1)
	return &chance
}

func normal(knots, normals []float64, x float64) float64 {
	last := len(knots) - 1
	if x >= knots[0] && x <= knots[last] {
		below := 0
		for below <= last && knots[below] < x {
			below++
		}
		i := min(max(below, 1), last) - 1
		return normals[i] + float64((x-knots[i])/(knots[i+1]-knots[i])*(normals[i+1]-normals[i]))
	}
	slope, end := (normals[last]-normals[0])/(knots[last]-knots[0]), last
	if x < knots[0] {
		end = 0
	}
	return normals[end] + float64(slope*(x-knots[end]))
}
