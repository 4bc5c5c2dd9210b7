// Reconciles ballots by a portable snapshot: the recipe of portable.schema.json, with the standard library alone.
//
// Products are wrapped in float64() so that no compiler fuses them with a sum: the numbers are to be the same bits on
// every machine.
package main

import (
	"math"
	"slices"
	"strings"
)

// unit is a score in [0, 1] with its kind, or the reason of an abstention.
type unit struct {
	value  float64
	kind   string
	reason string
}

// counted is one judge's ballot as the number takes it; why is its first reason, where it answered nothing.
type counted struct {
	answers map[string]unit
	why     string
}

func (c counted) answered() bool {
	for _, answer := range c.answers {
		if answer.reason == "" {
			return true
		}
	}
	return false
}

func Reconcile(p *Portable, r *Request) Verdict {
	quorum := p.Quorum
	if r.Quorum != nil {
		quorum = max(*r.Quorum, 1)
	}
	ballots := map[string]counted{}
	for _, ballot := range r.Ballots {
		ballots[ballot.Judge] = onUnit(p, ballot)
	}
	if enough(ballots, quorum, counted.answered) {
		dropUnfitted(p, r, ballots)
	}
	values := map[int]float64{}
	for k, column := range p.Columns {
		judge, criterion, _ := strings.Cut(column.Name, "/")
		if judge == "measures" {
			if value, given := r.Measures[criterion]; given {
				values[k] = value
			}
		} else if answer, given := ballots[judge].answers[criterion]; given && answer.reason == "" {
			values[k] = answer.value
		}
	}
	rated := map[string]bool{}
	for k := range values {
		judge, _, _ := strings.Cut(p.Columns[k].Name, "/")
		rated[judge] = judge != "measures"
	}
	spoke := func(judge string) bool { return rated[judge] }
	if !enough(ballots, quorum, counted.answered) || !enoughJudges(ballots, quorum, spoke) {
		return Verdict{Unscored: whyUnscored(ballots)}
	}
	return fuse(p, r, ballots, values, quorum)
}

func fuse(p *Portable, r *Request, ballots map[string]counted, values map[int]float64, quorum int) Verdict {
	fit := fitOf(p, values)
	if fit == nil {
		return Verdict{UnknownMask: true}
	}
	chance := pValue(fit, values)
	status := certificate(p, r, ballots, values, chance)
	verdict := Verdict{
		Certificate: status, P: chance, Votes: fit.Votes,
		Heads: map[string]*Scored{}, Contributions: map[string]float64{},
	}
	for name, head := range fit.Heads {
		willing := func(c counted) bool { return c.answered() && c.answers[name].reason == "" }
		if name != "overall" && !enough(ballots, quorum, willing) {
			verdict.Heads[name] = nil
			continue
		}
		raw, way, added := head.at(p, fit, values)
		verdict.Heads[name] = scored(p, head, raw, status == "valid")
		if name == "overall" {
			chord := 0.0
			if math.Abs(way) > 1e-9 {
				chord = (raw - head.Baseline) / way
			}
			for k, amount := range added {
				verdict.Contributions[p.Columns[k].Name] = chord * amount
			}
		}
	}
	return verdict
}

func scored(p *Portable, head Head, raw float64, valid bool) *Scored {
	score := clip(raw)
	found := Scored{Score: score, Value: p.ScaleMin + float64(score*(p.ScaleMax-p.ScaleMin)), Baseline: head.Baseline}
	if valid {
		lower, upper := 0.0, 1.0
		if head.Width.Quantile != nil {
			half := float64(*head.Width.Quantile * read(head.Width.Scale, head.Width.Grid, raw))
			lower, upper = clip(raw-half), clip(raw+half)
		}
		found.Lower, found.Upper = &lower, &upper
	}
	return &found
}

// at is the head's raw score, how far its rank lies from the start, and what each column added to the rank.
func (h Head) at(p *Portable, fit *Fit, values map[int]float64) (float64, float64, map[int]float64) {
	effects := make([]float64, len(h.Effects))
	together, added := h.Surface.at(fit.Landmarks, values)
	for i, effect := range h.Effects {
		effects[i] = read(effect.Values, p.Columns[effect.Column].Knots, values[effect.Column])
		added[effect.Column] += effects[i]
	}
	rank := h.Start + fsum(effects) + together
	return h.Readout.at(rank), rank - h.Start, added
}

// at is the curve, straight on beyond its ends.
func (c Curve) at(rank float64) float64 {
	raw, last := read(c.Values, c.Knots, rank), c.Knots[len(c.Knots)-1]
	if rank < c.Knots[0] {
		raw += float64(c.Slope * (rank - c.Knots[0]))
	} else if rank > last {
		raw += float64(c.Slope * (rank - last))
	}
	return raw
}

// read is the piecewise-linear curve through (knots, values) at x, held at the ends.
func read(values, knots []float64, x float64) float64 {
	below := 0
	for below < len(knots) && knots[below] <= x {
		below++
	}
	i := min(max(below, 1), len(knots)-1) - 1
	fraction := clip((x - knots[i]) / (knots[i+1] - knots[i]))
	return values[i] + float64(fraction*(values[i+1]-values[i]))
}

func clip(x float64) float64 { return min(max(x, 0), 1) }

func onUnit(p *Portable, ballot Ballot) counted {
	scale, known := p.Scales[ballot.Judge]
	if !known {
		scale = Scale{0, 1}
	}
	found := counted{answers: map[string]unit{}, why: ballot.Abstention}
	for _, answer := range ballot.Answers {
		said := answer.onUnit(scale)
		found.answers[answer.Criterion] = said
		if found.why == "" {
			found.why = said.reason
		}
	}
	return found
}

func (a Answer) onUnit(scale Scale) unit {
	if a.Abstention != "" {
		return unit{reason: a.Abstention}
	}
	pairs, kind := a.Distribution, "single"
	if len(pairs) > 0 {
		kind = "logprobs"
	} else if len(a.Samples) > 1 {
		kind = "samples"
	}
	for _, sample := range a.Samples {
		pairs = append(pairs, [2]float64{sample, 1})
	}
	if a.Score != nil {
		if _, inside := scale.place(*a.Score); !inside {
			return unit{reason: "unparseable"}
		}
	}
	var products, masses []float64
	for _, pair := range pairs {
		place, inside := scale.place(pair[0])
		if !inside {
			return unit{reason: "unparseable"}
		}
		products, masses = append(products, float64(pair[1]*place)), append(masses, pair[1])
	}
	if a.Score != nil {
		place, _ := scale.place(*a.Score)
		return unit{value: place, kind: kind}
	}
	return unit{value: clip(fsum(products) / fsum(masses)), kind: kind}
}

func (s Scale) place(raw float64) (float64, bool) {
	place := (raw - s.Low) / (s.High - s.Low)
	return clip(place), place >= -1e-9 && place <= 1+1e-9
}

// dropUnfitted takes scores of another kind than was rated, or of judges that read too little, out of the count. They
// are no abstentions that could be strange.
func dropUnfitted(p *Portable, r *Request, ballots map[string]counted) {
	kinds := map[string]string{}
	for _, column := range p.Columns {
		kinds[column.Name] = column.Kind
	}
	for _, ballot := range r.Ballots {
		missed := slices.ContainsFunc(p.Before[ballot.Judge], func(j string) bool { return !slices.Contains(ballot.Read, j) })
		answers := ballots[ballot.Judge].answers
		for criterion, answer := range answers {
			kind, known := kinds[ballot.Judge+"/"+criterion]
			if answer.reason == "" && (missed || known && kind != answer.kind) {
				answers[criterion] = unit{reason: "not counted"}
			}
		}
	}
}

func enough(ballots map[string]counted, quorum int, counts func(counted) bool) bool {
	return enoughJudges(ballots, quorum, func(judge string) bool { return counts(ballots[judge]) })
}

func enoughJudges(ballots map[string]counted, quorum int, counts func(string) bool) bool {
	found := 0
	for judge := range ballots {
		if counts(judge) {
			found++
		}
	}
	return found >= quorum
}

func whyUnscored(ballots map[string]counted) string {
	reasons := map[string]bool{}
	for _, ballot := range ballots {
		if !ballot.answered() {
			reasons[ballot.why] = true
		}
	}
	if reasons["budget"] {
		return "cost_ceiling"
	} else if reasons["timeout"] {
		return "budget_exhausted"
	}
	return "quorum_missed"
}

func fitOf(p *Portable, values map[int]float64) *Fit {
	for i, fit := range p.Masks {
		same := len(fit.Columns) == len(values)
		for _, k := range fit.Columns {
			_, given := values[k]
			same = same && given
		}
		if same {
			return &p.Masks[i]
		}
	}
	return nil
}

func certificate(p *Portable, r *Request, ballots map[string]counted, values map[int]float64, chance *float64) string {
	if !slices.Contains(p.Kinds, r.Kind) || len(p.Languages) > 0 && !slices.Contains(p.Languages, r.Language) {
		return "out_of_domain"
	}
	for k, column := range p.Columns {
		if _, given := values[k]; !given && (column.Needed && len(r.Measures) > 0 || strange(column, ballots)) {
			return "out_of_support"
		}
	}
	if chance != nil && *chance < p.SupportLevel {
		return "out_of_support"
	}
	return "valid"
}

func strange(column Column, ballots map[string]counted) bool {
	judge, criterion, _ := strings.Cut(column.Name, "/")
	ballot, cast := ballots[judge]
	reason := "not_applicable"
	if answer, given := ballot.answers[criterion]; given {
		reason = answer.reason
	} else if len(ballot.answers) == 0 {
		reason = ballot.why
	}
	return cast && slices.Contains(column.Strange, reason)
}
