package dev.berth.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.InvalidInputException;
import java.time.Duration;
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

    // ------------------------------------------------------------------ what a store may carry out many at a time

    @Test
    void oneWriteToOneClaimIsPlain() {
        assertThat(Commit.of(create("a", 5001)).isPlain()).isTrue();
        assertThat(Commit.of(release(Map.of())).isPlain()).isTrue();
        assertThat(Commit.of(touch(Map.of(), Set.of())).isPlain()).isTrue();
        assertThat(Commit.of(failing(List.of(), List.of(), Set.of(), Map.of())).isPlain())
                .isTrue();
    }

    @Test
    void whatTouchesMoreThanTheClaimsRowIsNotPlain() {
        var terms = new Commit.BlockTerms(BlockReason.QUARANTINE, "", Duration.ofSeconds(1));
        var give = new Commit.Give(take(5001).resource(), EndReason.SHRUNK, Optional.empty());
        assertThat(List.of(
                        Commit.of(release(Map.of(take(5001).resource(), terms))),
                        Commit.of(touch(Map.of("k", "v"), Set.of())),
                        Commit.of(touch(Map.of(), Set.of("k"))),
                        Commit.of(failing(List.of(give), List.of(), Set.of(), Map.of())),
                        Commit.of(failing(List.of(), List.of(take(5001)), Set.of(), Map.of())),
                        Commit.of(failing(List.of(), List.of(), Set.of("part"), Map.of())),
                        Commit.of(failing(List.of(), List.of(), Set.of(), Map.of("k", "v"))),
                        Commit.of(rename(UUID.randomUUID(), "z")),
                        Commit.of(create("a", 5001), create("b", 5002)),
                        Commit.of()))
                .noneMatch(Commit::isPlain);
    }

    @Test
    void blocksRecordsAndFencesMakeNoUnitPlain() {
        List<Commit.ClaimWrite> one = List.of(create("a", 5001));
        var lift = new Commit.LiftBlock(take(5002).resource());
        var put = new Commit.PutRecord("r", 0, "v", Optional.empty());
        assertThat(List.of(
                        new Commit(one, List.of(lift), List.of(), List.of()),
                        new Commit(one, List.of(), List.of(put), List.of()),
                        new Commit(one, List.of(), List.of(), List.of(new Commit.Fence("r", 1)))))
                .noneMatch(Commit::isPlain);
    }

    private static Commit.Release release(Map<Resource, Commit.BlockTerms> blocks) {
        return new Commit.Release(new Token(new UUID(1, 1), 1), Commit.Guard.NONE, EndReason.RELEASED, blocks);
    }

    private static Commit.Touch touch(Map<String, String> put, Set<String> drop) {
        return new Commit.Touch(
                new Token(new UUID(1, 1), 1), Commit.LeaseWrite.KEEP, Optional.of(Duration.ofSeconds(1)), put, drop);
    }

    private static Commit.Change failing(
            List<Commit.Give> gives, List<Commit.Take> takes, Set<String> confirms, Map<String, String> labels) {
        return new Commit.Change(
                new Token(new UUID(1, 1), 1),
                Commit.Guard.NONE,
                Owner.of("lab", "a"),
                ClaimState.FAILED,
                Commit.StateClock.RESTART,
                Optional.of(HOST),
                Commit.LeaseWrite.KEEP,
                Commit.AttemptWrite.END,
                Optional.of("reason"),
                gives,
                takes,
                confirms,
                labels);
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
