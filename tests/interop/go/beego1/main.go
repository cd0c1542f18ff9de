// A web server whose sessions are those of beego 1.4.3, in MySQL.
package main

import (
	"encoding/gob"
	"flag"
	"log"
	"net/http"
	"time"

	"github.com/astaxie/beego/session"
	_ "github.com/astaxie/beego/session/mysql"

	"example.com/sessio/interop/wire"
)

func main() {
	config := flag.String("config", "", "JSON, as session.NewManager takes it")
	flag.Parse()
	// Beego registers the types of values only when it writes them, so a new process cannot read
	// what the one before left.
	gob.Register(time.Time{})
	gob.Register(wire.Account{})
	manager, err := session.NewManager("mysql", *config)
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/session", func(w http.ResponseWriter, r *http.Request) {
		store, err := manager.SessionStart(w, r)
		if err != nil {
			wire.Reply(w, nil, err)
			return
		}
		session := &current{manager, store, w, r}
		answer, err := wire.Step(r, session)
		// Before the answer is out, or the next request may be too early.
		session.store.SessionRelease(w)
		wire.Reply(w, answer, err)
	})
	mux.HandleFunc("/gc", func(w http.ResponseWriter, _ *http.Request) {
		manager.GC()
		wire.Reply(w, nil, nil)
	})
	wire.Serve(mux)
}

// current is the session of a request.
type current struct {
	manager *session.Manager
	store   session.SessionStore
	w       http.ResponseWriter
	r       *http.Request
}

func (c *current) Values(keys []string) map[string]any {
	values := map[string]any{}
	for _, key := range keys {
		if value := c.store.Get(key); value != nil {
			values[key] = value
		}
	}
	return values
}

func (c *current) Put(key string, value any) {
	if err := c.store.Set(key, value); err != nil {
		log.Print(err)
	}
}

func (c *current) Pop(key string) any {
	value := c.store.Get(key)
	if err := c.store.Delete(key); err != nil {
		log.Print(err)
	}
	return value
}

// Renew releases first, as beego's own controller does: what it holds is a pool.
func (c *current) Renew() error {
	c.store.SessionRelease(c.w)
	c.store = c.manager.SessionRegenerateId(c.w, c.r)
	return nil
}

func (c *current) Destroy() error {
	c.manager.SessionDestroy(c.w, c.r)
	return nil
}
