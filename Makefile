# `make` alone lists the targets. A line with two number signs after a target is its help.
#
# Settings: `make test-performance PERF_TARGET=http://my-fiml:8000`. Make puts variables from its command line into the
# environment of what it starts, so that every PERF_* arrives. More arguments for the command: ARGS='--seed 7'.
#
# Exit codes: make ends with 2 whatever a recipe ended with. The code of the verdict (1 failed, 3 not measurable) is in
# make's last line, "Error 1"; for a script that needs it, `npx fiml-perf run …` ends with the code itself.

FIML_PERF = node bin/fiml-perf.js
ARGS =
# Of perf-baseline and perf-compare: runs of each, and arguments of the comparison; ARGS are those of the runs.
REPEAT = 3
COMPARE_ARGS =
# Scenario and profile whose history is shown.
OF = load.smoke
# Parts and scenarios of test-stress.
STRESS = peak,spike,provider-failure,redis-slow,redis-connections,redis-down,database-down,database-pool,network

.DEFAULT_GOAL := help
.PHONY: help compose setup dependencies k6 build test test-unit test-long lint typecheck format test-performance \
	test-performance-full test-targets test-load test-load-headless test-load-high test-stress test-peak test-spike \
	test-endurance test-memory-leak test-breakpoint test-provider-failure test-database-pool test-redis-connections reference services \
	services-down prometheus grafana grafana-down dashboards list doctor metrics report perf-report slow base perf-baseline perf-compare history benchmark benchmark-cache benchmark-providers \
	benchmark-narrative benchmark-dsl profile-cache profile-providers profile-server bench calibrate clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-22s %s\n", $$1, $$2 }' Makefile

setup: dependencies k6 ## install npm dependencies and k6 where they are missing (every target below does it itself)

dependencies:
	@command -v node >/dev/null || { echo 'Node 20 or newer is needed and there is no node on PATH: https://nodejs.org' >&2; exit 2; }
	@node scripts/setup/dependencies.js

k6: dependencies
	@node -r ./build/register.js scripts/setup/main.ts >/dev/null

# The command gets k6 itself where there is none: to look for it beforehand as well would cost every start another half second.
test-performance: dependencies ## a minute of load on PERF_TARGET (none: the embedded server), verdict and report
	@$(FIML_PERF) run load --profile smoke $(ARGS)

test-performance-full: setup ## everything in about 15 minutes, each part shortened, and one verdict (ARGS='--only spike,network')
	@$(FIML_PERF) full $(ARGS)

test-endurance: setup ## an hour of load: latency, failures and memory may not grow within it
	@$(FIML_PERF) run load --profile endurance $(ARGS)

test-memory-leak: setup ## identical rounds for 16 minutes: does the server's memory go on growing?
	@$(FIML_PERF) run memory-leak $(ARGS)

test-targets: setup ## the performance targets, each measured on its own
	@$(FIML_PERF) run targets $(ARGS)

test-load: setup ## 100 users for 5 minutes, shown live on k6's own web page (PERF_USERS, PERF_SPAWN_RATE, PERF_DURATION)
	@$(FIML_PERF) run load --profile load --live $(ARGS)

test-load-headless: setup ## the same without that page, progress bar or colour, as in CI
	@$(FIML_PERF) run load --profile load --ci $(ARGS)

test-load-high: setup ## 500 users for 10 minutes
	@$(FIML_PERF) run load --profile high $(ARGS)

# The parts of the full suite that are about stress, with its lengths: at their own they take half an hour.
test-stress: setup ## peak, spike and every failure, each shortened as in test-performance-full, and one verdict
	@$(FIML_PERF) full --only $(STRESS) $(ARGS)

test-peak: setup ## twice the normal load for 5 minutes
	@$(FIML_PERF) run load --profile peak $(ARGS)

test-spike: setup ## ten times the normal load within seconds: does the server come back?
	@$(FIML_PERF) run load --profile spike $(ARGS)

test-provider-failure: setup ## every data provider fails
	@$(FIML_PERF) run provider-failure $(ARGS)

test-database-pool: setup ## more wants a connection to PostgreSQL than its pool has (ARGS='--fault foreign-connections': than it gives)
	@$(FIML_PERF) run database-pool $(ARGS)

test-redis-connections: setup ## more reads than connections to Redis (ARGS='--fault maxclients': than it takes)
	@$(FIML_PERF) run redis-connections $(ARGS)

test-breakpoint: setup ## load that rises until the targets break: the capacity of PERF_TARGET (none: the embedded server)
	@$(FIML_PERF) run load --profile breakpoint $(ARGS)

reference: dependencies ## start the reference FIML server
	@$(FIML_PERF) reference $(ARGS)

services: dependencies ## start Redis, PostgreSQL, an LLM stub and the reference server on them, with Toxiproxy before each
	@$(FIML_PERF) services up

services-down: dependencies ## stop them; nothing is left
	@$(FIML_PERF) services down

prometheus: dependencies ## start this machine's Prometheus, for PERF_PROMETHEUS (ARGS='--port 9091')
	@$(FIML_PERF) prometheus $(ARGS)

# Without Compose, docker would complain of its options.
compose:
	@docker compose version >/dev/null 2>&1 || { echo 'Docker with Compose v2 is needed for Grafana; Prometheus alone: make prometheus' >&2; exit 2; }

grafana: compose ## start Grafana and Prometheus in Docker: http://127.0.0.1:3000
	@docker compose up --detach --wait grafana
	@echo 'Grafana: http://127.0.0.1:3000'
	@echo 'export PERF_PROMETHEUS=http://127.0.0.1:9090'

grafana-down: compose ## stop them; what Prometheus has stored stays for the next time
	@docker compose rm --stop --force grafana prometheus

dashboards: dependencies ## make the dashboards and alert rules anew from dashboards/*.ts and thresholds/
	@npm run --silent dashboards

list: dependencies ## scenarios, profiles and targets, with what a run of each needs
	@$(FIML_PERF) list $(ARGS)

doctor: setup ## check the target and this machine, and say what to try
	@$(FIML_PERF) doctor $(ARGS)

metrics: dependencies ## the server's own metrics at PERF_TARGET, anew every 2 s until Ctrl-C; which of them it does not measure
	@$(FIML_PERF) metrics --watch $(ARGS)

report: dependencies ## the report of the latest run
	@$(FIML_PERF) report $(ARGS)

perf-report: dependencies ## the report of the latest run as PERFORMANCE_REPORT.md
	@$(FIML_PERF) report --output PERFORMANCE_REPORT.md $(ARGS)

slow: dependencies ## the slowest requests of the latest run, with their symbols and queries
	@$(FIML_PERF) slow $(ARGS)

perf-baseline: setup ## REPEAT=3 runs of a minute, saved as the baseline of perf-compare
	@$(FIML_PERF) run load --profile smoke --repeat $(REPEAT) --save-baseline $(ARGS)

# The runs may have missed a target: the comparison is made all the same, and its exit code comes first.
perf-compare: setup ## as many runs again, and whether they are slower than the baseline (COMPARE_ARGS='--threshold 0.10')
	@runs=$${PERF_RESULTS:-results}/compare-$$(date -u +%Y-%m-%dT%H-%M-%S); \
	$(FIML_PERF) run load --profile smoke --repeat $(REPEAT) --out "$$runs" $(ARGS); ran=$$?; \
	[ -e "$$runs/1/run.json" ] || exit $$ran; \
	$(FIML_PERF) compare --baseline load.smoke $(COMPARE_ARGS) "$$runs" && exit $$ran

# What GitHub checks out for a pull request is its merge with the newest commit of the base branch, and that commit is the
# merge's first parent. The event may name an older one: the difference would count as the pull request's.
# Forced, since a checkout that is cleaned and used again still knows a base that is not there any more.
base: ## lay out in base/ what a pull request is merged into, from its merge commit
	@git worktree add --quiet --force --detach base HEAD^1

history: dependencies ## the trend of the runs so far (OF=load.smoke), its changes and notes
	@$(FIML_PERF) history $(OF) $(ARGS)

# Both are measured whatever the first says; the exit code of the first that is not 0 counts.
benchmark: setup ## the components of PERF_TARGET (none: the embedded server), then its caches at REDIS_URL and DATABASE_URL
	@$(FIML_PERF) run components $(ARGS); ran=$$?; \
	[ -z "$$REDIS_URL$$DATABASE_URL" ] || $(FIML_PERF) components || { stores=$$?; [ $$ran -ne 0 ] || ran=$$stores; }; \
	exit $$ran

benchmark-cache: setup ## the L1 cache alone, by the server's own histogram
	@$(FIML_PERF) run components --only component-l1 $(ARGS)

benchmark-providers: setup ## the providers alone: few cold symbols, since real ones are third parties
	@$(FIML_PERF) run components --only component-provider $(ARGS)

benchmark-narrative: setup ## narratives alone, by first questions only: one every 2 s
	@$(FIML_PERF) run components --only component-narrative $(ARGS)

benchmark-dsl: setup ## FK-DSL alone, in one request and as a task
	@$(FIML_PERF) run components --only component-dsl-sync,component-dsl-task $(ARGS)

profile-cache: setup ## where the server's CPU time goes under price queries of hot symbols (ARGS='--duration 2m')
	@$(FIML_PERF) profile --target cache $(ARGS)

profile-providers: setup ## the same under price queries of cold symbols, which its providers answer
	@$(FIML_PERF) profile --target providers $(ARGS)

profile-server: dependencies ## where the CPU time of the process PID=… goes, under whatever load it has
	@$(FIML_PERF) profile --pid '$(PID)' $(ARGS)

# Exit codes in make's last line: 1 when a target falls short, 3 when one could not be measured.
bench: setup build ## the suite's own speed beside its baselines (half an hour; ARGS='--only generator', ARGS=--short)
	@node -r ./build/register.js bench/speed/main.ts $(ARGS)

calibrate: build ## how often comparisons are wrong: simulated runs, and pairs of real servers (hours; can be resumed)
	@node -r ./build/register.js bench/calibrate/main.ts
	@node -r ./build/register.js bench/calibrate/pictures.ts
	@node -r ./build/register.js bench/ab/trials.ts
	@node -r ./build/register.js bench/ab/simulate.ts

build: dependencies ## bundle the scenarios and programs into dist/
	@npm run --silent build

test: dependencies ## lint, types and every test
	@node test/run.js $(ARGS)

test-long: setup ## the proofs that take minutes each
	@npx jest --selectProjects long $(ARGS)

test-unit: dependencies ## the quick tests only
	@npx jest --selectProjects unit $(ARGS)

lint: dependencies ## check style and boundaries
	@npm run --silent lint

typecheck: dependencies ## check the types of all three runtimes
	@npm run --silent typecheck

format: dependencies ## format the sources and mend what lint can
	@npm run --silent format

clean: dependencies ## remove bundles and all but the newest results
	@$(FIML_PERF) clean $(ARGS)
	@rm -rf dist
