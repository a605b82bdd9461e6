package dev.berth.jdbc;

import dev.berth.ledger.Candidates;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Commit;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.LedgerStore;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.Scope;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** What the tests of stores in files need again and again. */
public final class SqliteStores {
    public static final Scope NODE = Scope.of("node-1");

    private SqliteStores() {}

    public static String url(Path file) {
        return "jdbc:sqlite:" + file;
    }

    static JdbcSettings clock(Clock clock) {
        return JdbcSettings.defaults().clock(clock);
    }

    static JdbcSettings greeting(String statement) {
        return JdbcSettings.defaults().greeting(statement);
    }

    static JdbcSettings patience(Duration patience) {
        return JdbcSettings.defaults().patience(patience);
    }

    static Resource port(int number) {
        return ResourceKind.TCP_PORT.in(NODE, number);
    }

    static Candidates ports(int first, int count) {
        return new Candidates.Numbered(
                new Candidates.Layout(
                        ResourceKind.TCP_PORT, NODE, Map.of("port", first), 1, count, Set.of(), "ports from " + first),
                0);
    }

    /** A reservation, each resource under a part of its own. */
    static Commit.Create reservation(UUID id, Owner owner, Resource... resources) {
        List<Commit.Take> takes = new ArrayList<>();
        for (Resource resource : resources) {
            String part = "part-" + takes.size();
            takes.add(new Commit.Take(resource, part, part, true));
        }
        return new Commit.Create(
                id, owner, ClaimState.RESERVED, Optional.empty(), Optional.empty(), Optional.empty(), Map.of(), takes);
    }

    static CommitResult commit(LedgerStore store, Commit.ClaimWrite... writes) {
        return store.commit(List.of(Commit.of(writes))).get(0);
    }
}
