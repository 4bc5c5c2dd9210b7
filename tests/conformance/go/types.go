// What a portable snapshot, a request and a verdict hold: the parts of portable.schema.json that serving reads.
package main

type Scale struct{ Low, High float64 }

type Column struct {
	Name    string
	Knots   []float64
	Kind    string
	Strange []string
	Needed  bool
}

type Curve struct {
	Knots, Values []float64
	Slope         float64
}

type Width struct {
	Quantile    *float64
	Grid, Scale []float64
}

type Head struct {
	Start, Baseline float64
	Effects         []struct {
		Column int
		Values []float64
	}
	Readout Curve
	Width   Width
	Surface *Surface
}

type Support struct {
	Knots, Normals, Whitener [][]float64
	Distances                []float64
}

type Fit struct {
	Columns   []int
	Heads     map[string]Head
	Support   *Support
	Landmarks *Landmarks
	Votes     *float64
}

type Portable struct {
	Format       int
	Weights      map[string]float64
	ScaleMin     float64 `json:"scale_min"`
	ScaleMax     float64 `json:"scale_max"`
	Judges       []string
	Before       map[string][]string
	Quorum       int
	Kinds        []string
	Languages    []string
	Scales       map[string]Scale
	Columns      []Column
	SupportLevel float64 `json:"support_level"`
	Masks        []Fit
}

type Answer struct {
	Criterion    string
	Score        *float64
	Samples      []float64
	Distribution [][2]float64
	Abstention   string
}

type Ballot struct {
	Judge      string
	Answers    []Answer
	Abstention string
	Read       []string
}

type Request struct {
	Kind, Language string
	Quorum         *int
	Measures       map[string]float64
	Ballots        []Ballot
}

type Scored struct {
	Score    float64  `json:"score"`
	Value    float64  `json:"value"`
	Baseline float64  `json:"baseline"`
	Lower    *float64 `json:"lower"`
	Upper    *float64 `json:"upper"`
}

type Verdict struct {
	Unscored      string             `json:"unscored"`
	UnknownMask   bool               `json:"unknown_mask"`
	Certificate   string             `json:"certificate"`
	P             *float64           `json:"p"`
	Votes         *float64           `json:"effective_votes"`
	Heads         map[string]*Scored `json:"heads"`
	Contributions map[string]float64 `json:"contributions"`
}
