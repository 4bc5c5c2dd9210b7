// Checks conformance vectors: conformance FILE... where each names its portable snapshot, in the same folder.
package main

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
)

const within = 1e-12

type vectors struct {
	Portable string
	Cases    []struct {
		Name     string
		Request  Request
		Expected Verdict
	}
}

func main() {
	failed, cases, worst := 0, 0, 0.0
	for _, file := range os.Args[1:] {
		var given vectors
		var portable Portable
		fail(readJSON(file, &given))
		fail(readJSON(filepath.Join(filepath.Dir(file), given.Portable), &portable))
		if portable.Format != 1 {
			fail(fmt.Errorf("%s: format %d is not known", given.Portable, portable.Format))
		}
		for _, each := range given.Cases {
			cases++
			apart, words := distance(each.Expected, Reconcile(&portable, &each.Request))
			worst = math.Max(worst, apart)
			if apart > within || math.IsNaN(apart) {
				failed++
				fmt.Printf("%s: %s: %s\n", filepath.Base(file), each.Name, words)
			}
		}
	}
	fmt.Printf("%d cases, %d failed, largest difference %g\n", cases, failed, worst)
	if failed > 0 || cases == 0 {
		os.Exit(1)
	}
}

func readJSON(path string, into any) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	if filepath.Ext(path) != ".gz" {
		return json.NewDecoder(file).Decode(into)
	}
	plain, err := gzip.NewReader(file)
	if err != nil {
		return err
	}
	return json.NewDecoder(plain).Decode(into)
}

func fail(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(2)
	}
}

// distance is the largest difference between the numbers of two verdicts, infinite where they differ in more.
func distance(wanted, found Verdict) (float64, string) {
	if wanted.Unscored != found.Unscored || wanted.UnknownMask != found.UnknownMask || wanted.Certificate != found.Certificate {
		return math.Inf(1), fmt.Sprintf("expected %s%s, found %s%s", wanted.Certificate, wanted.Unscored, found.Certificate, found.Unscored)
	}
	if len(wanted.Heads) != len(found.Heads) || len(wanted.Contributions) != len(found.Contributions) {
		return math.Inf(1), "other heads or contributions"
	}
	worst, words := 0.0, ""
	compare := func(what string, a, b *float64) {
		apart := math.Inf(1)
		if a == nil && b == nil {
			apart = 0
		} else if a != nil && b != nil {
			apart = math.Abs(*a - *b)
		}
		if apart > worst || math.IsNaN(apart) {
			worst, words = apart, fmt.Sprintf("%s is %g off", what, apart)
		}
	}
	compare("p", wanted.P, found.P)
	compare("effective votes", wanted.Votes, found.Votes)
	for name, head := range wanted.Heads {
		other, known := found.Heads[name]
		if !known || (head == nil) != (other == nil) {
			return math.Inf(1), name + " is scored in one of the two only"
		}
		if head != nil {
			compare(name, &head.Score, &other.Score)
			compare(name+" value", &head.Value, &other.Value)
			compare(name+" baseline", &head.Baseline, &other.Baseline)
			compare(name+" lower", head.Lower, other.Lower)
			compare(name+" upper", head.Upper, other.Upper)
		}
	}
	for column, amount := range wanted.Contributions {
		other, known := found.Contributions[column]
		if !known {
			other = math.Inf(1)
		}
		compare("contribution of "+column, &amount, &other)
	}
	return worst, words
}
