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
-- Name: vector; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA public;

--
-- Name: EXTENSION vector; Type: COMMENT; Schema: -; Owner: -
--

COMMENT ON EXTENSION vector IS 'vector data type and ivfflat and hnsw access methods';

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: everything; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.everything (
    id integer NOT NULL,
    h public.halfvec(3),
    s public.sparsevec(5),
    b bit(8),
    v public.vector(3)
);

--
-- Name: sums; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW public.sums AS
 SELECT public.avg(h) AS mean,
    public.sum(h) AS total
   FROM public.everything;

--
-- Data for Name: everything; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.everything (id, h, s, b, v) FROM stdin;
1	[1,1,0.125]	{1:1,4:0.5}/5	00100101	[1,1,2]
2	[2,2,0.25]	{1:2,4:0.5}/5	01001010	[2,1,2]
3	[3,3,0.375]	{1:3,4:0.5}/5	01101111	[3,1,2]
4	[4,4,0.5]	{1:4,4:0.5}/5	10010100	[4,1,2]
5	[5,0,0.625]	{1:5,4:0.5}/5	10111001	[5,1,2]
6	[6,1,0.75]	{1:6,4:0.5}/5	11011110	[6,1,2]
7	[0,2,0.875]	{1:7,4:0.5}/5	00000011	[7,1,2]
8	[1,3,1]	{1:8,4:0.5}/5	00101000	[8,1,2]
9	[2,4,1.125]	{1:9,4:0.5}/5	01001101	[9,1,2]
10	[3,0,1.25]	{1:10,4:0.5}/5	01110010	[10,1,2]
11	[4,1,1.375]	{1:11,4:0.5}/5	10010111	[11,1,2]
12	[5,2,1.5]	{1:12,4:0.5}/5	10111100	[12,1,2]
13	[6,3,1.625]	{1:13,4:0.5}/5	11100001	[13,1,2]
14	[0,4,1.75]	{1:14,4:0.5}/5	00000110	[14,1,2]
15	[1,0,1.875]	{1:15,4:0.5}/5	00101011	[15,1,2]
16	[2,1,2]	{1:16,4:0.5}/5	01010000	[16,1,2]
17	[3,2,2.125]	{1:17,4:0.5}/5	01110101	[17,1,2]
18	[4,3,2.25]	{1:18,4:0.5}/5	10011010	[18,1,2]
19	[5,4,2.375]	{1:19,4:0.5}/5	10111111	[19,1,2]
20	[6,0,2.5]	{1:20,4:0.5}/5	11100100	[20,1,2]
21	[0,1,2.625]	{1:21,4:0.5}/5	00001001	[21,1,2]
22	[1,2,2.75]	{1:22,4:0.5}/5	00101110	[22,1,2]
23	[2,3,2.875]	{1:23,4:0.5}/5	01010011	[23,1,2]
24	[3,4,3]	{1:24,4:0.5}/5	01111000	[24,1,2]
25	[4,0,3.125]	{1:25,4:0.5}/5	10011101	[25,1,2]
26	[5,1,3.25]	{1:26,4:0.5}/5	11000010	[26,1,2]
27	[6,2,3.375]	{1:27,4:0.5}/5	11100111	[27,1,2]
28	[0,3,3.5]	{1:28,4:0.5}/5	00001100	[28,1,2]
29	[1,4,3.625]	{1:29,4:0.5}/5	00110001	[29,1,2]
30	[2,0,3.75]	{1:30,4:0.5}/5	01010110	[30,1,2]
31	[3,1,3.875]	{1:31,4:0.5}/5	01111011	[31,1,2]
32	[4,2,4]	{1:32,4:0.5}/5	10100000	[32,1,2]
33	[5,3,4.125]	{1:33,4:0.5}/5	11000101	[33,1,2]
34	[6,4,4.25]	{1:34,4:0.5}/5	11101010	[34,1,2]
35	[0,0,4.375]	{1:35,4:0.5}/5	00001111	[35,1,2]
36	[1,1,4.5]	{1:36,4:0.5}/5	00110100	[36,1,2]
37	[2,2,4.625]	{1:37,4:0.5}/5	01011001	[37,1,2]
38	[3,3,4.75]	{1:38,4:0.5}/5	01111110	[38,1,2]
39	[4,4,4.875]	{1:39,4:0.5}/5	10100011	[39,1,2]
40	[5,0,5]	{1:40,4:0.5}/5	11001000	[40,1,2]
\.

--
-- Name: everything everything_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.everything
    ADD CONSTRAINT everything_pkey PRIMARY KEY (id);

--
-- Name: b_hnsw; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX b_hnsw ON public.everything USING hnsw (b public.bit_jaccard_ops);

--
-- Name: b_ivf; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX b_ivf ON public.everything USING ivfflat (b public.bit_hamming_ops) WITH (lists='2');

--
-- Name: h_btree; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX h_btree ON public.everything USING btree (h);

--
-- Name: h_hnsw; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX h_hnsw ON public.everything USING hnsw (h public.halfvec_ip_ops);

--
-- Name: h_ivf; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX h_ivf ON public.everything USING ivfflat (h public.halfvec_l2_ops) WITH (lists='2');

--
-- Name: s_hnsw; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX s_hnsw ON public.everything USING hnsw (s public.sparsevec_l2_ops);

--
-- Name: v_bits; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX v_bits ON public.everything USING hnsw (((public.binary_quantize(v))::bit(3)) public.bit_hamming_ops);

--
-- Name: v_half; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX v_half ON public.everything USING hnsw (((v)::public.halfvec(3)) public.halfvec_l2_ops);

--
-- Name: v_hnsw; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX v_hnsw ON public.everything USING hnsw (v public.vector_cosine_ops) WITH (m='8', ef_construction='32');

--
-- Name: v_l1; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX v_l1 ON public.everything USING hnsw (v public.vector_l1_ops);

--
-- PostgreSQL database dump complete
--

