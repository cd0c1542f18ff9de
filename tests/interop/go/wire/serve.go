package wire

import (
	"encoding/json"
	"fmt"
	"log"
	"net"
	"net/http"
)

// Session is what every session library can do, one request long.
type Session interface {
	// Values gives what there is; beego can be asked for keys that are known alone.
	Values(keys []string) map[string]any
	Put(key string, value any)
	Pop(key string) any
	Renew() error
	Destroy() error
}

// Expirer is a session whose end can be moved into the past. Beego's sessions have none of their own.
type Expirer interface {
	Expire()
}

// Rememberer is a session that can tell a browser to keep its cookie.
type Rememberer interface {
	Remember(on bool)
}

// Request is one operation on the session of the request's cookie.
type Request struct {
	Do    string   `json:"do"`
	Key   string   `json:"key"`
	Value Written  `json:"value"`
	Keys  []string `json:"keys"`
}

// Answer has what the session held before the operation, and what it gave.
type Answer struct {
	Before map[string]Value `json:"before"`
	Popped *Value           `json:"popped,omitempty"`
}

// Step does what a request asks for.
func Step(body *http.Request, session Session) (Answer, error) {
	var request Request
	if err := json.NewDecoder(body.Body).Decode(&request); err != nil {
		return Answer{}, err
	}
	answer := Answer{Before: map[string]Value{}}
	for key, value := range session.Values(request.Keys) {
		answer.Before[key] = Of(value)
	}
	switch request.Do {
	case "read":
		return answer, nil
	case "put":
		value, err := request.Value.Make()
		if err == nil {
			session.Put(request.Key, value)
		}
		return answer, err
	case "pop":
		popped := Of(session.Pop(request.Key))
		answer.Popped = &popped
		return answer, nil
	case "renew":
		return answer, session.Renew()
	case "destroy":
		return answer, session.Destroy()
	case "expire":
		if expirer, can := session.(Expirer); can {
			expirer.Expire()
			return answer, nil
		}
	case "remember":
		if rememberer, can := session.(Rememberer); can {
			rememberer.Remember(request.Key == "true")
			return answer, nil
		}
	}
	return answer, fmt.Errorf("there is no operation %q", request.Do)
}

// Reply writes what a handler found out.
func Reply(w http.ResponseWriter, answer any, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		log.Print(err)
	}
}

// Serve listens on a free port and prints its number, which the tests wait for.
func Serve(handler http.Handler) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	log.Fatal(http.Serve(listener, handler))
}
