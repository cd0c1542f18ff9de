// Runs SQL on one connection, a line of JSON each: {"sql": "…", "args": […]} gives {"rows": […]}
// with each cell as hex or null, or {"error": "…"}. The tests look at tables with it.
package main

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"flag"
	"log"
	"os"

	_ "github.com/go-sql-driver/mysql"
)

type answer struct {
	Rows  [][]*string `json:"rows"`
	Error string      `json:"error,omitempty"`
}

func main() {
	dsn := flag.String("dsn", "", "the database, as github.com/go-sql-driver/mysql names it")
	flag.Parse()
	db, err := sql.Open("mysql", *dsn)
	if err != nil {
		log.Fatal(err)
	}
	// What one line sets, the next one finds.
	connection, err := db.Conn(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	lines := bufio.NewReader(os.Stdin)
	output := json.NewEncoder(os.Stdout)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		if err := output.Encode(answered(connection, line)); err != nil {
			log.Fatal(err)
		}
	}
}

func answered(connection *sql.Conn, line []byte) answer {
	rows, err := run(connection, line)
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Rows: rows}
}

func run(connection *sql.Conn, line []byte) ([][]*string, error) {
	var request struct {
		SQL  string
		Args []any
	}
	if err := json.Unmarshal(line, &request); err != nil {
		return nil, err
	}
	rows, err := connection.QueryContext(context.Background(), request.SQL, request.Args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	found := [][]*string{}
	for rows.Next() {
		cells := make([]sql.RawBytes, len(columns))
		places := make([]any, len(columns))
		for index := range cells {
			places[index] = &cells[index]
		}
		if err := rows.Scan(places...); err != nil {
			return nil, err
		}
		found = append(found, shown(cells))
	}
	return found, rows.Err()
}

func shown(cells []sql.RawBytes) []*string {
	row := make([]*string, len(cells))
	for index, cell := range cells {
		if cell != nil {
			text := hex.EncodeToString(cell)
			row[index] = &text
		}
	}
	return row
}
