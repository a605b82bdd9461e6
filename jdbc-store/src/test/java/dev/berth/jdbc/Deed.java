package dev.berth.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.Attempt;
import dev.berth.ledger.AttemptOutcome;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Commit;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.LedgerRecord;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.Snapshot;
import dev.berth.ledger.Token;
import dev.berth.port.PortPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** What a caller asks of a store, whose connection may break meanwhile. Each trial of it is of an owner of its own. */
enum Deed {
    CLAIM {
        @Override
        Trial trial(JdbcLedgerStore direct, JdbcLedgerStore broken, String name) {
            Owner owner = Owner.of("deed", name);
            return new Trial() {
                @Override
                public void run() {
                    Claim claim = ResourceLedger.on(broken).claim(request(name));
                    assertThat(direct.find(owner).map(Snapshot::claim)).contains(claim);
                }

                @Override
                public boolean isDone() {
                    return isWhole(direct, owner, 4, Set.of(project(name), path(name)));
                }
            };
        }
    },

    RELEASE {
        @Override
        Trial trial(JdbcLedgerStore direct, JdbcLedgerStore broken, String name) {
            Owner owner = Owner.of("deed", name);
            Claim claim = ResourceLedger.on(direct).claim(request(name));
            return new Trial() {
                @Override
                public void run() {
                    assertThat(ResourceLedger.on(broken).release(claim.token()))
                            .as("this call released it")
                            .isTrue();
                }

                @Override
                public boolean isDone() {
                    return !isWhole(direct, owner, 4, Set.of(project(name), path(name)));
                }
            };
        }
    },

    RENEW {
        @Override
        Trial trial(JdbcLedgerStore direct, JdbcLedgerStore broken, String name) {
            Token token = ResourceLedger.on(direct)
                    .claim(request(name).lease(Duration.ofHours(1)))
                    .token();
            return new Trial() {
                @Override
                public void run() {
                    Claim renewed = ResourceLedger.on(broken).renew(token, Duration.ofHours(3));
                    assertThat(direct.find(token.claim()).map(Snapshot::claim)).contains(renewed);
                }

                @Override
                public boolean isDone() {
                    Claim claim = direct.find(token.claim()).orElseThrow().claim();
                    return claim.leaseUntil()
                            .orElseThrow()
                            .isAfter(claim.createdAt().plus(Duration.ofHours(2)));
                }
            };
        }
    },

    ACTIVATE {
        @Override
        Trial trial(JdbcLedgerStore direct, JdbcLedgerStore broken, String name) {
            AttemptOutcome begun =
                    ResourceLedger.on(direct).attempt(request(name), SqliteStores.NODE, Duration.ofMinutes(10));
            Attempt attempt = ((AttemptOutcome.Granted) begun).attempt();
            return new Trial() {
                @Override
                public void run() {
                    Claim active = ResourceLedger.on(broken).activate(attempt, "instance-of-" + name);
                    assertThat(direct.find(attempt.claim()).map(Snapshot::claim))
                            .contains(active);
                }

                @Override
                public boolean isDone() {
                    Claim claim = direct.find(attempt.claim()).orElseThrow().claim();
                    boolean active = claim.state() == ClaimState.ACTIVE;
                    assertThat(claim.instance().isPresent())
                            .as("half done: %s", claim)
                            .isEqualTo(active);
                    return active;
                }
            };
        }
    },

    RECORD_AND_FENCE {
        @Override
        Trial trial(JdbcLedgerStore direct, JdbcLedgerStore broken, String name) {
            String lease = "lease/" + name;
            String mark = "mark/" + name;
            Owner owner = Owner.of("deed", name);
            var put = new Commit.PutRecord(lease, 0, "held", Optional.of(Duration.ofHours(1)));
            var held = (CommitResult.Done)
                    direct.commit(List.of(new Commit(List.of(), List.of(), List.of(put), List.of())))
                            .get(0);
            var unit = new Commit(
                    List.of(SqliteStores.reservation(UUID.randomUUID(), owner, project(name))),
                    List.of(),
                    List.of(new Commit.PutRecord(mark, 0, name, Optional.empty())),
                    List.of(new Commit.Fence(lease, held.versions().get(lease))));
            return new Trial() {
                @Override
                public void run() {
                    CommitResult result = broken.commit(List.of(unit)).get(0);
                    assertThat(result).isInstanceOf(CommitResult.Done.class);
                    LedgerRecord record = direct.record(mark).orElseThrow();
                    assertThat(((CommitResult.Done) result).versions()).isEqualTo(Map.of(mark, record.version()));
                    assertThat(((CommitResult.Done) result).at())
                            .isEqualTo(direct.find(owner).orElseThrow().claim().createdAt());
                }

                @Override
                public boolean isDone() {
                    boolean claimed = isWhole(direct, owner, 1, Set.of(project(name)));
                    assertThat(direct.record(mark).isPresent())
                            .as("the record is kept with the claim")
                            .isEqualTo(claimed);
                    return claimed;
                }
            };
        }
    },

    BATCH {
        @Override
        Trial trial(JdbcLedgerStore direct, JdbcLedgerStore broken, String name) {
            List<Commit> units = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                units.add(Commit.of(SqliteStores.reservation(
                        UUID.randomUUID(), Owner.of("deed", name + "-" + i), project(name + "-" + i), path(name + i))));
            }
            return new Trial() {
                @Override
                public void run() {
                    assertThat(broken.commit(units)).hasSize(8).allMatch(CommitResult.Done.class::isInstance);
                }

                @Override
                public boolean isDone() {
                    int done = 0;
                    for (int i = 0; i < 8; i++) {
                        Set<Resource> resources = Set.of(project(name + "-" + i), path(name + i));
                        done += isWhole(direct, Owner.of("deed", name + "-" + i), 2, resources) ? 1 : 0;
                    }
                    assertThat(done).as("units of a batch that happened").isIn(0, 8);
                    return done > 0;
                }
            };
        }
    },

    FIND {
        @Override
        Trial trial(JdbcLedgerStore direct, JdbcLedgerStore broken, String name) {
            Owner owner = Owner.of("deed", name);
            Claim claim = ResourceLedger.on(direct).claim(request(name));
            return new Trial() {
                @Override
                public void run() {
                    assertThat(broken.find(owner).map(Snapshot::claim)).contains(claim);
                }

                @Override
                public boolean isDone() {
                    return isWhole(direct, owner, 4, Set.of());
                }
            };
        }

        @Override
        boolean isRead() {
            return true;
        }
    };

    private static final PortPool PAIRS = PortPool.named("pair")
            .onHost(SqliteStores.NODE)
            .role("web", 10_000)
            .role("admin", 20_000)
            .slots(2_000)
            .build();

    /** One call that may be made once. */
    interface Trial {
        /** Makes the call, and proves that what it returns is so. */
        void run();

        /** Whether it has happened, in whole; fails where it has happened in part. */
        boolean isDone();
    }

    /**
     * Prepares a call.
     *
     * @param direct a store on the same database that nothing befalls
     * @param broken the store that is called
     * @param name a name that no other trial has
     */
    abstract Trial trial(JdbcLedgerStore direct, JdbcLedgerStore broken, String name);

    /** Whether it changes nothing, so that its outcome is never unknown. */
    boolean isRead() {
        return false;
    }

    /** A name, a path and a pair of ports. */
    static ClaimRequest request(String name) {
        return ClaimRequest.by(Owner.of("deed", name))
                .in(SqliteStores.NODE)
                .fixed("name", project(name))
                .fixed("path", path(name))
                .choose("ports", PAIRS);
    }

    private static Resource project(String name) {
        return ResourceKind.COMPOSE_PROJECT.in(SqliteStores.NODE, name);
    }

    private static Resource path(String name) {
        return ResourceKind.PROXY_PATH.in(SqliteStores.NODE, "/" + name);
    }

    private static boolean isWhole(JdbcLedgerStore store, Owner owner, int holdings, Set<Resource> among) {
        Optional<Snapshot> found = store.find(owner);
        found.ifPresent(
                claim -> assertThat(claim.claim().holdings()).as("half done").hasSize(holdings));
        assertThat(store.occupants(among)).as("half done").hasSize(found.isPresent() ? among.size() : 0);
        return found.isPresent();
    }
}
