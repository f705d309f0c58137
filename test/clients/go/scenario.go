// What every client does with the server, as TAP; a client says how.
//
// Its items are numbers: each has a vector and a tag that follow from it, so that
// any answer can be checked here by comparing all of them.
package main

import (
	"fmt"
	"math"
	"os"
	"reflect"
	"slices"
	"sort"
	"strings"
)

const (
	dims    = 8
	rows    = 200
	nearest = 10
	query   = 1000
	// An approximate index may miss some of the nearest.
	foundAtLeast = 8
)

type item struct {
	key, number int
	tag         string
}

// client has the steps, in its library's own words.
type client interface {
	open() error
	create() error
	insert(items []item) error
	index() error
	search(number, limit int, tag string) ([]int, error)
	update(key, number int) error
	remove(key int) error
	typed(kind string, values []any, opclass string) ([]any, error)
	close() error
}

// The access method that the client's index is to have; empty where the server
// has none of this name.
var indexMethod = os.Getenv("CLIENT_INDEX")

// Does the server have this, beside vector: a type, or an operator class such as
// "hnsw:halfvec_l2_ops"?
func has(what string) bool {
	return slices.Contains(strings.Fields(os.Getenv("CLIENT_HAS")), what)
}

// Values in the order of their distances from the first one.
var typedValues = []struct {
	kind, opclass string
	values        []any
}{
	{"halfvec", "halfvec_l2_ops", []any{[]float32{1, 0, 2}, []float32{0, 3, 4}, []float32{5, 5, 5}}},
	{"sparsevec", "sparsevec_l2_ops", []any{[]float32{1, 0, 2}, []float32{0, 3, 4}, []float32{5, 0, 0}}},
	{"bit", "bit_hamming_ops", []any{"101", "111", "010"}},
}

// vector has multiples of 1/16 below 8: halves have them too.
func vector(number int) []float32 {
	v := make([]float32, dims)
	for j := range v {
		v[j] = float32((number*number*(j+3)+number*(13*j+7)+5)%251-125) / 16
	}
	return v
}

func tagOf(key int) string {
	return []string{"red", "green", "blue", "grey"}[key%4]
}

func distance(a, b []float32) float64 {
	sum := 0.0
	for j := range a {
		d := float64(a[j] - b[j])
		sum += d * d
	}
	return math.Sqrt(sum)
}

type scenario struct {
	client  client
	numbers map[int]int
	moved   int
	count   int
}

// step is well if it gives no error.
func (s *scenario) step(name string, work func() error) bool {
	err := work()
	s.count++
	if err != nil {
		fmt.Printf("not ok %d - %s\n# %s\n", s.count, name, strings.ReplaceAll(err.Error(), "\n", "\n# "))
		return false
	}
	fmt.Printf("ok %d - %s\n", s.count, name)
	return true
}

func (s *scenario) create() error {
	if err := s.client.open(); err != nil {
		return err
	}
	return s.client.create()
}

func (s *scenario) insert() error {
	var items []item
	for key, number := range s.numbers {
		items = append(items, item{key, number, tagOf(key)})
	}
	return s.client.insert(items)
}

// nearestOf gives the greatest distance of the nearest that have the tag, if any.
func (s *scenario) nearestOf(tag string) float64 {
	var all []float64
	for key, number := range s.numbers {
		if tag == "" || tagOf(key) == tag {
			all = append(all, distance(vector(query), vector(number)))
		}
	}
	sort.Float64s(all)
	return all[nearest-1] + 1e-5
}

// search checks that what was found is nearest, of all or of those with the tag.
func (s *scenario) search(tag string) ([]int, error) {
	found, err := s.client.search(query, nearest, tag)
	if err != nil {
		return nil, err
	}
	near, seen, bar := 0, map[int]bool{}, s.nearestOf(tag)
	for _, key := range found {
		number, ok := s.numbers[key]
		if !ok || seen[key] || tag != "" && tagOf(key) != tag {
			return nil, fmt.Errorf("found a wrong %d in %v", key, found)
		}
		seen[key] = true
		if distance(vector(query), vector(number)) <= bar {
			near++
		}
	}
	if len(found) != nearest || near < foundAtLeast {
		return nil, fmt.Errorf("found %v, of which %d are nearest", found, near)
	}
	return found, nil
}

func (s *scenario) check() error {
	_, err := s.search("")
	return err
}

func (s *scenario) filter() error {
	_, err := s.search("green")
	return err
}

// update moves the farthest to the query itself: then it is the first.
func (s *scenario) update() error {
	from := func(key int) float64 { return distance(vector(query), vector(key)) }
	s.moved = 1
	for key := range s.numbers {
		if from(key) > from(s.moved) {
			s.moved = key
		}
	}
	s.numbers[s.moved] = query
	if err := s.client.update(s.moved, query); err != nil {
		return err
	}
	found, err := s.search("")
	if err == nil && found[0] != s.moved {
		err = fmt.Errorf("%d is not the first of %v", s.moved, found)
	}
	return err
}

func (s *scenario) remove() error {
	delete(s.numbers, s.moved)
	if err := s.client.remove(s.moved); err != nil {
		return err
	}
	return s.check()
}

func (s *scenario) reopen() error {
	if err := s.client.close(); err != nil {
		return err
	}
	if err := s.client.open(); err != nil {
		return err
	}
	return s.check()
}

func (s *scenario) typed() {
	for _, t := range typedValues {
		if !has(t.kind) {
			s.step(t.kind+" # SKIP the server has no "+t.kind, func() error { return nil })
			continue
		}
		opclass := t.opclass
		if !has(indexMethod + ":" + opclass) {
			opclass = ""
		}
		s.step(t.kind, func() error {
			found, err := s.client.typed(t.kind, t.values, opclass)
			if err == nil && !reflect.DeepEqual(found, t.values) {
				err = fmt.Errorf("found %v, not %v", found, t.values)
			}
			return err
		})
	}
}

func run(c client) {
	s := &scenario{client: c, numbers: map[int]int{}}
	for key := 1; key <= rows; key++ {
		s.numbers[key] = key
	}
	if !s.step("create", s.create) || !s.step("insert", s.insert) {
		return
	}
	if indexMethod != "" {
		s.step("index", c.index)
	}
	s.step("search", s.check)
	s.step("filter", s.filter)
	s.step("update", s.update)
	s.step("delete", s.remove)
	s.step("reopen", s.reopen)
	s.typed()
}

func main() {
	clients := map[string]client{"pgx": &pgxClient{}}
	c, ok := clients[os.Args[1]]
	if !ok {
		fmt.Println("Bail out! no such client")
		os.Exit(1)
	}
	run(c)
}
