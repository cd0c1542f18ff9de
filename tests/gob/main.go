// Checks what sessio writes with the codecs gob and beego, by Go's own decoder.
//
//	gobcheck vectors FILE PIPE          every vector of tests/gob_vectors.json
//	gobcheck random PIPE COUNT SEED     so many sessions, each with a value of a random type
//
// PIPE is core/examples/gob_pipe.rs, through which each session goes. Go decodes what went in and
// what came out, and both must be equal, types and all. What goes wrong is told with the seed.
package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "gobcheck:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	switch {
	case len(arguments) == 3 && arguments[0] == "vectors":
		return vectors(arguments[1], arguments[2])
	case len(arguments) == 4 && arguments[0] == "random":
		count, err := strconv.Atoi(arguments[2])
		if err != nil {
			return err
		}
		seed, err := strconv.ParseUint(arguments[3], 10, 64)
		if err != nil {
			return err
		}
		return random(arguments[1], count, seed)
	}
	return fmt.Errorf("usage: gobcheck vectors FILE PIPE, or gobcheck random PIPE COUNT SEED")
}

// vectors sends every vector through.
func vectors(file, program string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var listed struct {
		Vectors []struct{ Name, Hex string }
	}
	if err := json.Unmarshal(text, &listed); err != nil {
		return err
	}
	pipes, err := open(program, "keep")
	if err != nil {
		return err
	}
	for _, vector := range listed.Vectors {
		blob, err := hex.DecodeString(vector.Hex)
		if err != nil {
			return err
		}
		kind, _, _ := strings.Cut(vector.Name, " ")
		if err := pipes[kind].compare(blob); err != nil {
			return fmt.Errorf("%s: %w", vector.Name, err)
		}
	}
	if len(listed.Vectors) == 0 {
		return fmt.Errorf("%s has no vectors", file)
	}
	fmt.Printf("gobcheck: %d vectors, equal for Go\n", len(listed.Vectors))
	return shut(pipes)
}
