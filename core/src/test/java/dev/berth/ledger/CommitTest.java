package dev.berth.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.InvalidInputException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
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

    // ------------------------------------------------------------------ what stores need not say again

    @Test
    void aWriteSaysWhatItExpects() {
        Commit.Create create = create("a", 5001);
        assertThat(create.seen()).isEmpty();
        assertThat(create.guard()).isEqualTo(Commit.Guard.NONE);
        assertThat(create.claimant()).contains(Owner.of("lab", "a"));
        var token = new Token(new UUID(1, 1), 1);
        Commit.Change change = failing(List.of(), List.of(), Set.of(), Map.of());
        assertThat(change.seen()).contains(token);
        assertThat(change.claimant()).contains(Owner.of("lab", "a"));
        for (Commit.ClaimWrite write : List.of(touch(Map.of(), Set.of()), release(Map.of()))) {
            assertThat(write.seen()).contains(token);
            assertThat(write.claimant()).isEmpty();
        }
        Commit.ClaimWrite guarded = new Commit.Release(token, Commit.Guard.LEASE_LAPSED, EndReason.LAPSED, Map.of());
        assertThat(guarded.guard()).isEqualTo(Commit.Guard.LEASE_LAPSED);
    }

    @Test
    void aWriteSaysWhatItFrees() {
        Claim held = held("a", 5001, 5002);
        var nothing = new Commit.Freed(Set.of(), Optional.empty());
        assertThat(create("b", 5001).freed(held)).isEqualTo(nothing);
        assertThat(touch(Map.of(), Set.of()).freed(held)).isEqualTo(nothing);
        assertThat(failing(List.of(), List.of(), Set.of(), Map.of()).freed(held))
                .isEqualTo(nothing);
        assertThat(failing(List.of(give(5002)), List.of(), Set.of(), Map.of()).freed(held))
                .isEqualTo(new Commit.Freed(Set.of(port(5002)), Optional.empty()));
        assertThat(rename(held.id(), "z").freed(held))
                .isEqualTo(new Commit.Freed(Set.of(), Optional.of(Owner.of("lab", "a"))));
        assertThat(release(Map.of()).freed(held))
                .isEqualTo(new Commit.Freed(Set.of(port(5001), port(5002)), Optional.of(Owner.of("lab", "a"))));
    }

    /** At another token that is no nonsense: the claim may have held it then. */
    @Test
    void whatIsNotHeldCannotBeGivenBackAtTheTokenThatWasSeen() {
        Commit.Change give = failing(List.of(give(5001), give(7000)), List.of(), Set.of(), Map.of());
        Claim held = held("a", 5001);
        assertThatThrownBy(() -> give.freed(held))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("7000");
        Claim later = failing(List.of(), List.of(), Set.of(), Map.of()).after(held, Instant.EPOCH);
        assertThat(give.freed(later)).isEqualTo(new Commit.Freed(Set.of(port(5001)), Optional.empty()));
    }

    /** The claim that all writes here see: its id is 1-1. */
    private static Claim held(String name, int... ports) {
        List<Commit.Take> takes = new ArrayList<>();
        for (int port : ports) {
            takes.add(new Commit.Take(port(port), "ports", "p" + port, true));
        }
        return new Commit.Create(
                        new UUID(1, 1),
                        Owner.of("lab", name),
                        ClaimState.RESERVED,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Map.of(),
                        takes)
                .after(Instant.EPOCH);
    }

    private static Resource port(int number) {
        return ResourceKind.TCP_PORT.in(HOST, number);
    }

    private static Commit.Give give(int port) {
        return new Commit.Give(port(port), EndReason.SHRUNK, Optional.empty());
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
