// pgx, with pgvector-go's types in the binary format and COPY.
package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/pgvector/pgvector-go"
	pgxvector "github.com/pgvector/pgvector-go/pgx"
)

type pgxClient struct {
	conn *pgx.Conn
}

var background = context.Background()

func (c *pgxClient) open() (err error) {
	if c.conn, err = pgx.Connect(background, ""); err != nil {
		return err
	}
	var exists bool
	err = c.conn.QueryRow(background, "SELECT to_regtype('vector') IS NOT NULL").Scan(&exists)
	if err == nil && exists {
		err = pgxvector.RegisterTypes(background, c.conn)
	}
	return err
}

func (c *pgxClient) exec(statement string, args ...any) error {
	_, err := c.conn.Exec(background, statement, args...)
	return err
}

func (c *pgxClient) create() error {
	if err := c.exec("CREATE EXTENSION IF NOT EXISTS vector"); err != nil {
		return err
	}
	if err := pgxvector.RegisterTypes(background, c.conn); err != nil {
		return err
	}
	return c.exec("CREATE TABLE items (id int PRIMARY KEY, tag text, embedding vector(8))")
}

func (c *pgxClient) insert(items []item) error {
	_, err := c.conn.CopyFrom(background, pgx.Identifier{"items"},
		[]string{"id", "tag", "embedding"},
		pgx.CopyFromSlice(len(items), func(i int) ([]any, error) {
			return []any{items[i].key, items[i].tag, pgvector.NewVector(vector(items[i].number))}, nil
		}))
	return err
}

func (c *pgxClient) index() error {
	return c.exec("CREATE INDEX ON items USING " + indexMethod + " (embedding vector_l2_ops)")
}

func (c *pgxClient) search(number, limit int, tag string) ([]int, error) {
	where, args := "", []any{pgvector.NewVector(vector(number)), limit}
	if tag != "" {
		where, args = "WHERE tag = $3", append(args, tag)
	}
	rows, err := c.conn.Query(background,
		"SELECT id FROM items "+where+" ORDER BY embedding <-> $1 LIMIT $2", args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int])
}

func (c *pgxClient) update(key, number int) error {
	return c.exec("UPDATE items SET embedding = $1 WHERE id = $2",
		pgvector.NewVector(vector(number)), key)
}

func (c *pgxClient) remove(key int) error {
	return c.exec("DELETE FROM items WHERE id = $1", key)
}

// toDriver makes the driver's value of ours, and scan reads it back.
var kinds = map[string]struct {
	operator string
	toDriver func(any) any
	scan     func(pgx.CollectableRow) (any, error)
}{
	"halfvec": {"<->",
		func(v any) any { return pgvector.NewHalfVector(v.([]float32)) },
		func(row pgx.CollectableRow) (any, error) {
			v, err := pgx.RowTo[pgvector.HalfVector](row)
			return v.Slice(), err
		}},
	"sparsevec": {"<->",
		func(v any) any { return pgvector.NewSparseVector(v.([]float32)) },
		func(row pgx.CollectableRow) (any, error) {
			v, err := pgx.RowTo[pgvector.SparseVector](row)
			return v.Slice(), err
		}},
	"bit": {"<~>",
		func(v any) any { return toBits(v.(string)) },
		func(row pgx.CollectableRow) (any, error) {
			v, err := pgx.RowTo[pgtype.Bits](row)
			return fromBits(v), err
		}},
}

// Of at most eight bits.
func toBits(s string) pgtype.Bits {
	n, _ := strconv.ParseUint(s, 2, 8)
	return pgtype.Bits{Bytes: []byte{byte(n << (8 - len(s)))}, Len: int32(len(s)), Valid: true}
}

func fromBits(v pgtype.Bits) string {
	return fmt.Sprintf("%08b", v.Bytes[0])[:v.Len]
}

func (c *pgxClient) typed(kind string, values []any, opclass string) ([]any, error) {
	k := kinds[kind]
	if err := c.exec(fmt.Sprintf("CREATE TABLE %s_items (v %s(3))", kind, kind)); err != nil {
		return nil, err
	}
	for i := len(values) - 1; i >= 0; i-- {
		if err := c.exec("INSERT INTO "+kind+"_items VALUES ($1)", k.toDriver(values[i])); err != nil {
			return nil, err
		}
	}
	if opclass != "" {
		err := c.exec(fmt.Sprintf("CREATE INDEX ON %s_items USING %s (v %s)", kind, indexMethod, opclass))
		if err != nil {
			return nil, err
		}
	}
	rows, err := c.conn.Query(background,
		fmt.Sprintf("SELECT v FROM %s_items ORDER BY v %s $1", kind, k.operator), k.toDriver(values[0]))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, k.scan)
}

func (c *pgxClient) close() error {
	return c.conn.Close(background)
}
