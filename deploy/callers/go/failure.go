package main

import (
	"fmt"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// failure is a status with what its details say.
type failure struct {
	code codes.Code
	// reason is the stable word of the contract's error table; empty where the status is not the server's own.
	reason     string
	message    string
	metadata   map[string]string
	violations []string
	// retryable: the same request may be served later, after the wait where the server names one. The channel has
	// retried UNAVAILABLE already; what is left is for a queue, not for a loop.
	retryable bool
	wait      time.Duration
}

// failureOf reads a status. A text on its own says nothing that may be relied on: the reason does.
func failureOf(err error) failure {
	s := status.Convert(err)
	f := failure{code: s.Code(), message: s.Message(), retryable: mayPass(s.Code())}
	for _, detail := range s.Details() {
		switch d := detail.(type) {
		case *errdetails.ErrorInfo:
			f.reason, f.metadata = d.GetReason(), d.GetMetadata()
		case *errdetails.BadRequest:
			for _, v := range d.GetFieldViolations() {
				f.violations = append(f.violations, v.GetField()+": "+v.GetDescription())
			}
		case *errdetails.RetryInfo:
			f.retryable, f.wait = true, d.GetRetryDelay().AsDuration()
		}
	}
	return f
}

// mayPass tells the codes that time may mend. RESOURCE_EXHAUSTED with a RetryInfo does, and without one it does not.
func mayPass(code codes.Code) bool {
	return code == codes.Unavailable || code == codes.DeadlineExceeded || code == codes.Aborted
}

// String is one line, then one for each violation.
func (f failure) String() string {
	class := "final"
	if f.retryable {
		class = "retryable"
		if f.wait > 0 {
			class += fmt.Sprintf(" after %s", f.wait)
		}
	}
	lines := []string{fmt.Sprintf("%s %s (%s): %s", f.code, f.reason, class, f.message)}
	for _, violation := range f.violations {
		lines = append(lines, "  "+violation)
	}
	return strings.Join(lines, "\n")
}
