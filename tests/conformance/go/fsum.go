package main

import "math"

// fsum is the exactly rounded sum (Shewchuk 1997, as Python's math.fsum).
func fsum(terms []float64) float64 {
	var parts []float64
	for _, x := range terms {
		kept := 0
		for _, y := range parts {
			if math.Abs(x) < math.Abs(y) {
				x, y = y, x
			}
			high := x + y
			if low := y - (high - x); low != 0 {
				parts[kept] = low
				kept++
			}
			x = high
		}
		parts = append(parts[:kept], x)
	}
	return rounded(parts)
}

// rounded adds partial sums from the largest down, half to even.
func rounded(parts []float64) float64 {
	n := len(parts)
	if n == 0 {
		return 0
	}
	n--
	high, low := parts[n], 0.0
	for n > 0 && low == 0 {
		n--
		x, y := high, parts[n]
		high = x + y
		low = y - (high - x)
	}
	if n > 0 && (low < 0 && parts[n-1] < 0 || low > 0 && parts[n-1] > 0) {
		twice := low * 2
		if sum := high + twice; twice == sum-high {
			high = sum
		}
	}
	return high
}
