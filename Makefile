# Builds and installs the extension with PGXS.
#
#   make                    build for the server of the first pg_config in PATH
#   make PG_CONFIG=...      build for another one
#   make install            install the extension (DESTDIR is honoured)
#   make install-vector     install its other name, vector, that of pgvector
#   make uninstall-vector   take that away again
#   make installcheck       run test/sql against a running server
#   make cli install-cli    build and install the client program
#   make deb                build Debian packages into build/deb
#   make format             put every C file into the house's form
#   make check-style        say what is not, and what crosses a layer
#
# The tree may be built elsewhere, so that two builds do not meet:
#   make -C /some/folder -f /path/to/vecdb/Makefile

EXTENSION = vecdb
MODULE_big = vecdb
PG_CONFIG ?= pg_config

# Where this file lies; "." for a build in the tree.
TOP := $(patsubst %/,%,$(dir $(firstword $(MAKEFILE_LIST))))

EXTVERSION := $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" \
	$(TOP)/$(EXTENSION).control)

SOURCES := $(patsubst $(TOP)/%,%,$(sort \
	$(wildcard $(TOP)/src/*.c $(TOP)/src/*/*.c $(TOP)/src/*/*/*.c)))
OBJS = $(SOURCES:.c=.o)
DEPS = $(SOURCES:.c=.d)

# Scripts are made of the slices: see sql/script.sh.
SLICES := $(sort $(wildcard $(TOP)/sql/[0-9]*.sql))
RELEASES := $(shell sed -n 's/^\([0-9.]*\) .*/\1/p' $(TOP)/sql/released.txt | \
	sort -u)
DATA_built = $(EXTENSION)--$(EXTVERSION).sql \
	$(RELEASES:%=$(EXTENSION)--%--$(EXTVERSION).sql)

# The name vector has pgvector's versions, by which programs may ask for it, with
# the objects of 0.2.0; and one for each release since, 0.8.10203 for 1.2.3.
VECTOR_VERSION := $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" \
	$(TOP)/vector.control)
VECTOR_STEPS = 0.8.0--0.8.1 0.8.1--0.8.2 0.8.2--0.8.3 0.8.3--0.8.4 \
	0.8.4--0.8.5 0.8.5--0.8.6
VECTOR_UPGRADES = $(addsuffix --$(VECTOR_VERSION), 0.8.6 $(shell awk -F'[. ]' \
	'$$1 * 10000 + $$2 * 100 + $$3 >= 200 { \
		print "0.8." $$1 * 10000 + $$2 * 100 + $$3 }' \
	$(TOP)/sql/released.txt | sort -u))
VECTOR_SCRIPTS = vector--0.8.0.sql vector--$(VECTOR_VERSION).sql \
	$(patsubst %,vector--%.sql,$(VECTOR_STEPS) $(VECTOR_UPGRADES))

# test_setup makes what the others use.
REGRESS := test_setup $(filter-out test_setup, \
	$(sort $(basename $(notdir $(wildcard $(TOP)/test/sql/*.sql)))))
REGRESS_OPTS = --inputdir=$(TOP)/test
ISOLATION := $(sort $(basename $(notdir \
	$(wildcard $(TOP)/test/isolation/specs/*.spec))))
ISOLATION_OPTS = --inputdir=$(TOP)/test/isolation
EXTRA_CLEAN = $(DEPS) $(VECTOR_SCRIPTS) results regression.diffs regression.out tmp_check

# What PostgreSQL's own headers do not keep: its inline functions, like every
# callback, have parameters that they do not use, ARR_DATA_PTR mixes signedness,
# and structs such as relopt_parse_elt grow from version to version.  The unit
# tests compile the plain C with all of these warnings on.
WARNINGS = -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare \
	-Wno-missing-field-initializers

# The compiler of the bitcode gets what is in CPPFLAGS.
include $(TOP)/src/kernel/sse2.mk
PG_CPPFLAGS = -I$(TOP)/src $(SSE2)
# The dependency files are asked for here and not in CPPFLAGS, which also go
# to the compiler of the bitcode, whose files would overwrite the others.
PG_CFLAGS = $(WARNINGS) -MMD -MP
SHLIB_LINK = -lm

# A server built with LLVM wants bitcode of its extensions, but installs work
# without: do not ask for a clang that is not there.
SERVER_CLANG := $(shell $(PG_CONFIG) --configure | \
	sed -n "s/.*'CLANG=\([^']*\)'.*/\1/p")
ifeq ($(shell command -v '$(SERVER_CLANG)' 2>/dev/null),)
override with_llvm = no
endif

PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

# PGXS sets VPATH for a build elsewhere, which would also find the objects of a
# build in the tree.  Only sources are looked for there.
VPATH :=
ifneq ($(TOP),.)
vpath %.c $(TOP)
vpath %.control $(TOP)
$(shell mkdir -p . $(sort $(dir $(OBJS))))
endif

-include $(DEPS)

# Bitcode follows its object, whose dependencies are known.
$(OBJS:.o=.bc): %.bc: %.o

# The folder is named too: a slice that was taken away makes it newer.
SCRIPT_NEEDS = $(SLICES) $(addprefix $(TOP)/,sql sql/script.sh \
	sql/released.txt vecdb.control vector.control)
make_script = sh $(TOP)/sql/script.sh $(1) >$@.tmp && mv $@.tmp $@

all: $(VECTOR_SCRIPTS)

$(EXTENSION)--$(EXTVERSION).sql: $(SCRIPT_NEEDS)
	$(call make_script,vecdb 0 $(EXTVERSION))

$(RELEASES:%=$(EXTENSION)--%--$(EXTVERSION).sql): $(SCRIPT_NEEDS)
	$(call make_script,vecdb $(word 2,$(subst --, ,$@)) $(EXTVERSION))

vector--0.8.0.sql: $(SCRIPT_NEEDS)
	$(call make_script,vector 0 0.2.0)

vector--$(VECTOR_VERSION).sql: $(SCRIPT_NEEDS)
	$(call make_script,vector 0 $(EXTVERSION))

$(VECTOR_STEPS:%=vector--%.sql): $(SCRIPT_NEEDS)
	$(call make_script,vector 0.2.0 0.2.0)

# From 0.8.10203 it is from 1.2.3.
$(VECTOR_UPGRADES:%=vector--%.sql): $(SCRIPT_NEEDS)
	$(call make_script,vector $(shell echo $@ | awk -F'[-.]+' \
		'{ n = $$4 < 100 ? 200 : $$4; \
		print int(n / 10000) "." int(n / 100) % 100 "." n % 100 }') \
		$(EXTVERSION) $(if $(filter vector--0.8.6--%,$@),all))

# The name vector is pgvector's too: where that lies, nothing is touched.
EXTENSION_FOLDER = $(DESTDIR)$(datadir)/extension
VECTOR_CONTROL = $(EXTENSION_FOLDER)/vector.control
VECTOR_LIBRARY = $(DESTDIR)$(pkglibdir)/vector$(DLSUFFIX)

.PHONY: install-vector uninstall-vector

install-vector: $(VECTOR_SCRIPTS)
	@sh $(TOP)/sql/vector-files.sh $(VECTOR_CONTROL) $(VECTOR_LIBRARY)
	$(MKDIR_P) '$(EXTENSION_FOLDER)' '$(DESTDIR)$(pkglibdir)'
	$(INSTALL_DATA) $(TOP)/vector.control $(VECTOR_SCRIPTS) \
		'$(EXTENSION_FOLDER)/'
	ln -sf vecdb$(DLSUFFIX) '$(VECTOR_LIBRARY)'

uninstall-vector:
	@sh $(TOP)/sql/vector-files.sh $(VECTOR_CONTROL) $(VECTOR_LIBRARY)
	rm -f '$(VECTOR_CONTROL)' '$(VECTOR_LIBRARY)' \
		$(addprefix '$(EXTENSION_FOLDER)'/,$(VECTOR_SCRIPTS))

CLI_VARS = PG_CONFIG='$(PG_CONFIG)' DESTDIR='$(DESTDIR)'

.PHONY: cli install-cli clean-cli format check-style dist

cli:
	$(MAKE) -C $(TOP)/cli all $(CLI_VARS)

install-cli:
	$(MAKE) -C $(TOP)/cli install $(CLI_VARS)

clean-cli:
	$(MAKE) -C $(TOP)/cli clean $(CLI_VARS)

# The version that "./dev test style" has fetched, where it has.
CACHED_FORMAT := $(wildcard $(or $(VECDB_CACHE),$(or $(XDG_CACHE_HOME),\
	$(HOME)/.cache)/vecdb)/tools/clang_format/data/bin/clang-format)
CLANG_FORMAT ?= $(or $(CACHED_FORMAT),clang-format)
STYLED = $(shell find $(addprefix $(TOP)/,src cli test bench) \
	-name '*.[ch]' 2>/dev/null)

format:
	$(CLANG_FORMAT) -i $(STYLED)

check-style:
	$(TOP)/test/layers.sh $(TOP)
	CLANG_FORMAT='$(CLANG_FORMAT)' $(TOP)/test/style.sh $(TOP)

# The Debian packages, from the committed or the working tree as it is.
.PHONY: deb
deb:
	$(TOP)/deploy/package/build-deb --major $(MAJORVERSION) \
		--output $(CURDIR)/build/deb

# What PGXN takes: the committed tree under a folder of its name.
dist:
	cd $(TOP) && git archive --format=zip \
		--prefix=$(EXTENSION)-$(EXTVERSION)/ \
		-o $(CURDIR)/$(EXTENSION)-$(EXTVERSION).zip HEAD
