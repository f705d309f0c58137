-- Made by pg_dump --no-owner of PostgreSQL 16.14 from a database of pgvector 0.8.5;
-- without the lines \restrict, which older programs do not know.
--
-- PostgreSQL database dump
--

-- Dumped from database version 16.14
-- Dumped by pg_dump version 16.14

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: extensions; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA extensions;

--
-- Name: vector; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA extensions;

--
-- Name: EXTENSION vector; Type: COMMENT; Schema: -; Owner: -
--

COMMENT ON EXTENSION vector IS 'vector data type and ivfflat and hnsw access methods';

--
-- Name: nearest(extensions.vector); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.nearest(q extensions.vector) RETURNS bigint
    LANGUAGE sql STABLE
    AS $$ SELECT id FROM public.items ORDER BY embedding OPERATOR(extensions.<->) q LIMIT 1 $$;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: items; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.items (
    id bigint NOT NULL,
    embedding extensions.vector(3),
    category integer DEFAULT 0
);

--
-- Name: means; Type: MATERIALIZED VIEW; Schema: public; Owner: -
--

CREATE MATERIALIZED VIEW public.means AS
 SELECT category,
    extensions.avg(embedding) AS mean,
    extensions.sum(embedding) AS total
   FROM public.items
  WHERE (embedding IS NOT NULL)
  GROUP BY category
  WITH NO DATA;

--
-- Name: near; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW public.near AS
 SELECT id,
    (embedding OPERATOR(extensions.<->) '[1,2,3]'::extensions.vector) AS distance
   FROM public.items
  ORDER BY (embedding OPERATOR(extensions.<->) '[1,2,3]'::extensions.vector)
 LIMIT 5;

--
-- Name: plain; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.plain (
    v extensions.vector,
    a extensions.vector(2)[]
);
ALTER TABLE ONLY public.plain ALTER COLUMN v SET STORAGE PLAIN;

--
-- Data for Name: items; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.items (id, embedding, category) FROM stdin;
1	[1,1,0.1]	1
2	[2,2,0.2]	0
3	[3,3,0.3]	1
4	[4,4,0.4]	0
5	[5,0,0.5]	1
6	[6,1,0.6]	0
7	[0,2,0.7]	1
8	[1,3,0.8]	0
9	[2,4,0.9]	1
10	[3,0,1]	0
11	[4,1,1.1]	1
12	[5,2,1.2]	0
13	[6,3,1.3]	1
14	[0,4,1.4]	0
15	[1,0,1.5]	1
16	[2,1,1.6]	0
17	[3,2,1.7]	1
18	[4,3,1.8]	0
19	[5,4,1.9]	1
20	[6,0,2]	0
21	[0,1,2.1]	1
22	[1,2,2.2]	0
23	[2,3,2.3]	1
24	[3,4,2.4]	0
25	[4,0,2.5]	1
26	[5,1,2.6]	0
27	[6,2,2.7]	1
28	[0,3,2.8]	0
29	[1,4,2.9]	1
30	[2,0,3]	0
31	[3,1,3.1]	1
32	[4,2,3.2]	0
33	[5,3,3.3]	1
34	[6,4,3.4]	0
35	[0,0,3.5]	1
36	[1,1,3.6]	0
37	[2,2,3.7]	1
38	[3,3,3.8]	0
39	[4,4,3.9]	1
40	[5,0,4]	0
41	[6,1,4.1]	1
42	[0,2,4.2]	0
43	[1,3,4.3]	1
44	[2,4,4.4]	0
45	[3,0,4.5]	1
46	[4,1,4.6]	0
47	[5,2,4.7]	1
48	[6,3,4.8]	0
49	[0,4,4.9]	1
50	[1,0,5]	0
51	[2,1,5.1]	1
52	[3,2,5.2]	0
53	[4,3,5.3]	1
54	[5,4,5.4]	0
55	[6,0,5.5]	1
56	[0,1,5.6]	0
57	[1,2,5.7]	1
58	[2,3,5.8]	0
59	[3,4,5.9]	1
60	[4,0,6]	0
61	\N	0
62	[0,0,0]	1
\.

--
-- Data for Name: plain; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.plain (v, a) FROM stdin;
[1.5,-2,3e-07]	{"[1,2]","[3,4]"}
\.

--
-- Name: items items_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.items
    ADD CONSTRAINT items_pkey PRIMARY KEY (id);

--
-- Name: items_cosine; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX items_cosine ON public.items USING ivfflat (embedding extensions.vector_cosine_ops) WITH (lists='3');

--
-- Name: items_ip; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX items_ip ON public.items USING ivfflat (embedding extensions.vector_ip_ops) WITH (lists='2') WHERE (category = 1);

--
-- Name: items_l2; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX items_l2 ON public.items USING ivfflat (embedding) WITH (lists='2');

--
-- Name: plain_btree; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX plain_btree ON public.plain USING btree (v);

--
-- Name: means; Type: MATERIALIZED VIEW DATA; Schema: public; Owner: -
--

REFRESH MATERIALIZED VIEW public.means;

--
-- PostgreSQL database dump complete
--

