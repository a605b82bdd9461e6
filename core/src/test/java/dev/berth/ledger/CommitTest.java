package dev.berth.ledger;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.InvalidInputException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** L1: a unit that would let two claims have one thing is refused before a store sees it. */
class CommitTest {
    private static final Scope HOST = Scope.of("node-1");

    @Test
    void twoClaimsCannotGetOneOwner() {
        assertThatThrownBy(() -> Commit.of(create("z", 5001), rename(UUID.randomUUID(), "z")))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("lab:z");
        assertThatThrownBy(() -> Commit.of(rename(UUID.randomUUID(), "z"), rename(UUID.randomUUID(), "z")))
                .isInstanceOf(InvalidInputException.class);
    }

    @Test
    void twoClaimsCannotTakeOneResource() {
        assertThatThrownBy(() -> Commit.of(create("a", 5001), create("b", 5001)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("5001");
    }

    @Test
    void oneClaimIsWrittenOnce() {
        UUID claim = UUID.randomUUID();

        assertThatThrownBy(() -> Commit.of(rename(claim, "y"), rename(claim, "z")))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(claim.toString());
    }

    @Test
    void oneRoleOfAPartIsTakenOnce() {
        assertThatThrownBy(() -> create("a", List.of(take(5001), take(5002))))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("web");
    }

    @Test
    void anOwnerThatNobodyCanSeeIsRefused() {
        for (String invisible : List.of("", " ", "\t", "\u00a0", "\u200b", "\u2003\u200b", "\ufeff")) {
            assertThatThrownBy(() -> Owner.of("lab", invisible))
                    .as("%s", invisible)
                    .isInstanceOf(InvalidInputException.class);
        }
    }

    private static Commit.Create create(String name, int port) {
        return (Commit.Create) create(name, List.of(take(port))).claims().get(0);
    }

    private static Commit create(String name, List<Commit.Take> takes) {
        return Commit.of(new Commit.Create(
                UUID.randomUUID(),
                Owner.of("lab", name),
                ClaimState.RESERVED,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                takes));
    }

    private static Commit.Take take(int port) {
        return new Commit.Take(ResourceKind.TCP_PORT.in(HOST, port), "ports", "web", true);
    }

    private static Commit.Change rename(UUID claim, String to) {
        return new Commit.Change(
                new Token(claim, 1),
                Commit.Guard.NONE,
                Owner.of("lab", to),
                ClaimState.RESERVED,
                Commit.StateClock.KEEP,
                Optional.empty(),
                Commit.LeaseWrite.KEEP,
                Commit.AttemptWrite.LEAVE,
                Optional.empty(),
                List.of(),
                List.of(),
                Set.of(),
                Map.of());
    }
}
