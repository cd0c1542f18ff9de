// The Go side of `./dev bench gob`: SCS's own codec.
//
//	bench session            prints a session of about 1 KB, in hex
//	bench run HEX SECONDS    decodes it, changes a value and encodes it again, over and over
package main

import (
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	gob.Register(time.Time{})
	gob.Register(map[string]string{})
	switch {
	case len(arguments) == 1 && arguments[0] == "session":
		blob, err := scs.GobCodec{}.Encode(time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC), session())
		fmt.Println(hex.EncodeToString(blob))
		return err
	case len(arguments) == 3 && arguments[0] == "run":
		blob, err := hex.DecodeString(arguments[1])
		if err != nil {
			return err
		}
		seconds, err := strconv.ParseFloat(arguments[2], 64)
		if err != nil {
			return err
		}
		return measure(blob, time.Duration(seconds*float64(time.Second)))
	}
	return fmt.Errorf("see the file's head")
}

// session is what a shop may keep, with types that sessions usually have.
func session() map[string]any {
	history := make([]string, 14)
	for page := range history {
		history[page] = fmt.Sprintf("/shop/page/%d", page)
	}
	return map[string]any{
		"userID": 4711, "name": "Ada Lovelace", "email": "ada@example.com", "admin": false,
		"csrf": strings.Repeat("x", 43), "visits": int64(1704067200), "discount": 0.15,
		"avatar": make([]byte, 128), "roles": []string{"customer", "reviewer"},
		"cart": []int{11, 12, 13, 14, 15, 16, 17, 18}, "history": history,
		"since": time.Date(2024, 1, 2, 3, 4, 5, 6000, time.UTC),
		"prefs": map[string]string{"locale": "en-GB", "theme": "dark"},
	}
}

func measure(blob []byte, long time.Duration) error {
	var codec scs.GobCodec
	began, rounds := time.Now(), 0
	for ; time.Since(began) < long; rounds++ {
		deadline, values, err := codec.Decode(blob)
		if err != nil {
			return err
		}
		values["userID"] = rounds
		if _, err := codec.Encode(deadline, values); err != nil {
			return err
		}
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]float64{
		"ns": float64(time.Since(began).Nanoseconds()) / float64(rounds), "bytes": float64(len(blob)),
	})
}
