// A web server whose sessions are SCS's, in MySQL.
package main

import (
	"context"
	"database/sql"
	"encoding/gob"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/alexedwards/scs/mysqlstore"
	"github.com/alexedwards/scs/v2"
	_ "github.com/go-sql-driver/mysql"

	"example.com/sessio/interop/wire"
)

func main() {
	dsn := flag.String("dsn", "", "the database, as github.com/go-sql-driver/mysql names it")
	codec := flag.String("codec", "gob", "gob, which is SCS's own, or json")
	hash := flag.Bool("hash", false, "HashTokenInStore")
	flag.Parse()
	// As a program must that keeps such values in its sessions.
	gob.Register(time.Time{})
	gob.Register([]interface{}{})
	gob.Register(map[string]interface{}{})
	gob.Register(map[string]string{})
	gob.Register(wire.Account{})
	db, err := sql.Open("mysql", *dsn)
	if err != nil {
		log.Fatal(err)
	}
	store := mysqlstore.NewWithCleanupInterval(db, 0)
	manager := scs.New()
	manager.Store = store
	manager.HashTokenInStore = *hash
	manager.ErrorFunc = func(w http.ResponseWriter, _ *http.Request, err error) {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
	switch *codec {
	case "gob":
	case "json":
		manager.Codec = JSONCodec{}
	default:
		log.Fatalf("there is no codec %q", *codec)
	}
	mux := http.NewServeMux()
	mux.Handle("/session", manager.LoadAndSave(http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) {
			answer, err := wire.Step(r, session{manager, r.Context()})
			wire.Reply(w, answer, err)
		})))
	mux.HandleFunc("/store", func(w http.ResponseWriter, r *http.Request) {
		answer, err := ask(store, r)
		wire.Reply(w, answer, err)
	})
	wire.Serve(mux)
}

// session is the one of a request.
type session struct {
	manager *scs.SessionManager
	ctx     context.Context
}

func (s session) Values([]string) map[string]any {
	values := map[string]any{}
	for _, key := range s.manager.Keys(s.ctx) {
		values[key] = s.manager.Get(s.ctx, key)
	}
	return values
}

func (s session) Put(key string, value any) { s.manager.Put(s.ctx, key, value) }
func (s session) Pop(key string) any        { return s.manager.Pop(s.ctx, key) }
func (s session) Remember(on bool)          { s.manager.RememberMe(s.ctx, on) }
func (s session) Renew() error              { return s.manager.RenewToken(s.ctx) }
func (s session) Destroy() error            { return s.manager.Destroy(s.ctx) }

func (s session) Expire() {
	s.manager.SetDeadline(s.ctx, time.Now().Add(-time.Minute))
}

// ask uses the store without its manager: any token, any expiry.
func ask(store *mysqlstore.MySQLStore, r *http.Request) (any, error) {
	var request struct {
		Do, Token string
		Data      []byte
		Expiry    time.Time
	}
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		return nil, err
	}
	switch request.Do {
	case "find":
		data, found, err := store.Find(request.Token)
		return map[string]any{"data": data, "found": found}, err
	case "commit":
		return nil, store.Commit(request.Token, request.Data, request.Expiry)
	case "delete":
		return nil, store.Delete(request.Token)
	}
	return nil, fmt.Errorf("there is no operation %q", request.Do)
}
