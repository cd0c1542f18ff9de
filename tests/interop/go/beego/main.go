// A web server whose sessions are those of beego v2, in MySQL.
package main

import (
	"context"
	"encoding/gob"
	"encoding/json"
	"flag"
	"log"
	"net/http"
	"time"

	"github.com/beego/beego/v2/server/web/session"
	_ "github.com/beego/beego/v2/server/web/session/mysql"

	"example.com/sessio/interop/wire"
)

func main() {
	config := flag.String("config", "", "JSON, as session.ManagerConfig has it")
	flag.Parse()
	// Beego registers the types of values only when it writes them, so a new process cannot read
	// what the one before left.
	gob.Register(time.Time{})
	gob.Register(wire.Account{})
	settings := session.ManagerConfig{EnableSetCookie: true}
	if err := json.Unmarshal([]byte(*config), &settings); err != nil {
		log.Fatal(err)
	}
	manager, err := session.NewManager("mysql", &settings)
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
		session.store.SessionRelease(r.Context(), w)
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
	store   session.Store
	w       http.ResponseWriter
	r       *http.Request
}

func (c *current) Values(keys []string) map[string]any {
	values := map[string]any{}
	for _, key := range keys {
		if value := c.store.Get(c.r.Context(), key); value != nil {
			values[key] = value
		}
	}
	return values
}

func (c *current) Put(key string, value any) {
	if err := c.store.Set(c.r.Context(), key, value); err != nil {
		log.Print(err)
	}
}

func (c *current) Pop(key string) any {
	value := c.store.Get(c.r.Context(), key)
	if err := c.store.Delete(c.r.Context(), key); err != nil {
		log.Print(err)
	}
	return value
}

// Renew releases first, as beego's own controller does: what it holds is a pool.
func (c *current) Renew() error {
	c.store.SessionRelease(context.Background(), c.w)
	store, err := c.manager.SessionRegenerateID(c.w, c.r)
	if err == nil {
		c.store = store
	}
	return err
}

func (c *current) Destroy() error {
	c.manager.SessionDestroy(c.w, c.r)
	return nil
}
