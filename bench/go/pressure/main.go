// The Go side of `./dev bench pressure`: SCS's own store on a pool of connections.
//
//	pressure DSN CONNECTIONS
//
// answers `find|save CALLERS SECONDS` on its input with a measurement, one line of JSON. It works
// on the sessions that `bench_pressure prepare` made, under the same keys.
package main

import (
	"bufio"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/alexedwards/scs/mysqlstore"
	_ "github.com/go-sql-driver/mysql"
)

const (
	sessions = 10_000
	size     = 300
	warmUp   = 600 * time.Millisecond
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) != 3 {
		return fmt.Errorf("see the file's head")
	}
	connections, err := strconv.Atoi(os.Args[2])
	if err != nil {
		return err
	}
	db, err := sql.Open("mysql", os.Args[1])
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	// The cleanup would be the same work on both sides, at times of its own.
	store := mysqlstore.NewWithCleanupInterval(db, 0)
	orders := bufio.NewScanner(os.Stdin)
	for orders.Scan() {
		var work string
		var callers int
		var seconds float64
		if _, err := fmt.Sscan(orders.Text(), &work, &callers, &seconds); err != nil {
			return err
		}
		measured := crowd(store, work == "save", callers, time.Duration(seconds*float64(time.Second)))
		if err := json.NewEncoder(os.Stdout).Encode(measured); err != nil {
			return err
		}
	}
	return orders.Err()
}

type call struct {
	began, ended time.Time
	err          error
}

// crowd is callers that call again as soon as they have their answer.
func crowd(store *mysqlstore.MySQLStore, save bool, callers int, long time.Duration) map[string]any {
	var stop atomic.Bool
	var group sync.WaitGroup
	calls := make([][]call, callers)
	for caller := range callers {
		group.Add(1)
		go func() {
			defer group.Done()
			state := uint64(caller)*7919 + 1
			for !stop.Load() {
				key := key(int(random(&state) % sessions))
				began := time.Now()
				err := ask(store, save, key)
				calls[caller] = append(calls[caller], call{began, time.Now(), err})
			}
		}()
	}
	time.Sleep(warmUp)
	from := time.Now()
	time.Sleep(long)
	until := time.Now()
	stop.Store(true)
	group.Wait()
	return measured(calls, from, until)
}

func ask(store *mysqlstore.MySQLStore, save bool, key string) error {
	if save {
		return store.Commit(key, fresh(), time.Now().Add(24*time.Hour))
	}
	_, found, err := store.Find(key)
	if err == nil && !found {
		return fmt.Errorf("a session is missing")
	}
	return err
}

// measured is what `Measured` is in bench_pressure/load.rs.
func measured(calls [][]call, from, until time.Time) map[string]any {
	took, ended, all, errors := []float64{}, 0, 0, map[string]int{}
	for _, calls := range calls {
		all += len(calls)
		for _, call := range calls {
			if call.ended.Before(from) || call.ended.After(until) {
				continue
			}
			if call.err != nil {
				errors[call.err.Error()]++
			} else {
				ended++
			}
			if !call.began.Before(from) {
				took = append(took, call.ended.Sub(call.began).Seconds()*1e3)
			}
		}
	}
	sort.Float64s(took)
	percentile := func(share int) float64 {
		if len(took) == 0 {
			return 0
		}
		return took[len(took)*share/100]
	}
	return map[string]any{
		"per_second": float64(ended) / until.Sub(from).Seconds(), "all": all, "errors": errors,
		"p50": percentile(50), "p99": percentile(99),
	}
}

// key is what sessio, and SCS with HashTokenInStore, keep a token under.
func key(number int) string {
	digest := sha256.Sum256([]byte(fmt.Sprintf("%043d", number)))
	return base64.RawURLEncoding.EncodeToString(digest[:])
}

func random(state *uint64) uint64 {
	*state ^= *state << 13
	*state ^= *state >> 7
	*state ^= *state << 17
	return *state >> 16
}

var number atomic.Uint64

// fresh changes each time, or the server would skip the write.
func fresh() []byte {
	data := make([]byte, size)
	binary.LittleEndian.PutUint64(data, number.Add(1))
	return data
}
