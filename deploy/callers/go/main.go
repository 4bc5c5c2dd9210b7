// Scores one text on a MoA Scorer server, and shows the four things that can come of it: a score, an answer
// without a score, an error that waiting may mend, and one that it will not.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"

	pb "moa-scorer/gen/moa_scorer/api/v1"
)

// The recommended service config, as it ships with the server: round robin, retries on UNAVAILABLE only, throttled.
//
//go:embed gen/service_config.json
var serviceConfig string

// Exit statuses, the same as those of the command moa-scorer.
const (
	exitRejected    = 1
	exitUnscored    = 3
	exitUnreachable = 4
)

func main() {
	target := flag.String("target", "dns:///127.0.0.1:50051", "any gRPC target; dns:/// finds every server of a name")
	authority := flag.String("authority", "", "PEM file of who signed the server's certificate; empty: no TLS")
	panel := flag.String("panel", "", "panel to ask; empty: the server's default")
	policy := flag.String("policy", "", "policy that decides; empty: none does")
	budget := flag.Duration("budget", 10*time.Second, "time for everything, retries included")
	flag.Parse()
	request := &pb.ScoreContentRequest{
		Content: &pb.Content{Text: flag.Arg(0)},
		Panel:   *panel,
		Policy:  *policy,
	}
	os.Exit(run(*target, *authority, *budget, request))
}

func run(target, authority string, budget time.Duration, request *pb.ScoreContentRequest) int {
	connection, err := dial(target, authority)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return exitRejected
	}
	defer connection.Close()
	ctx, cancel := context.WithTimeout(withToken(context.Background()), budget)
	defer cancel()
	response, err := pb.NewScoringServiceClient(connection).ScoreContent(ctx, request)
	if err != nil {
		return tellFailure(failureOf(err))
	}
	return tellAnswer(response)
}

// dial opens a channel as it is recommended: the service config, and a ping when a connection is silent for a minute.
func dial(target, authority string) (*grpc.ClientConn, error) {
	transport := insecure.NewCredentials()
	if authority != "" {
		pem, err := os.ReadFile(authority)
		if err != nil {
			return nil, err
		}
		roots := x509.NewCertPool()
		if !roots.AppendCertsFromPEM(pem) {
			return nil, errors.New(authority + " holds no certificate")
		}
		transport = credentials.NewTLS(&tls.Config{RootCAs: roots})
	}
	return grpc.NewClient(
		target,
		grpc.WithTransportCredentials(transport),
		grpc.WithDefaultServiceConfig(serviceConfig),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: time.Minute, Timeout: 20 * time.Second}),
	)
}

// withToken adds the API key or token of the environment, where there is one.
func withToken(ctx context.Context) context.Context {
	if token := os.Getenv("MOA_SCORER_TOKEN"); token != "" {
		return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
	}
	return ctx
}

// tellAnswer prints the result. No score is no zero: what to do then is the decision, which is always set.
func tellAnswer(response *pb.ScoreContentResponse) int {
	if scored := response.GetScored(); scored != nil {
		fmt.Printf("score %.3f, %s", scored.GetScore(), scored.GetCertificate())
		if interval := scored.GetInterval(); interval != nil {
			fmt.Printf(", %.0f %% interval %.3f to %.3f", 100*interval.GetCoverage(), interval.GetLower(), interval.GetUpper())
		}
		fmt.Printf(", %s\n", response.GetDecision())
		return 0
	}
	unscored := response.GetUnscored()
	fmt.Printf("no score: %s, %s\n", unscored.GetReason(), response.GetDecision())
	for _, abstention := range unscored.GetAbstentions() {
		fmt.Printf("  %s: %s\n", abstention.GetJudge(), abstention.GetReason())
	}
	return exitUnscored
}

func tellFailure(f failure) int {
	fmt.Fprintln(os.Stderr, f)
	if f.retryable {
		return exitUnreachable
	}
	return exitRejected
}
