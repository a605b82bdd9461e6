package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.berth.ledger.BlockReason;
import dev.berth.ledger.Claim;
import dev.berth.ledger.Commit;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.EndReason;
import dev.berth.ledger.LedgerRecord;
import dev.berth.ledger.LedgerStore;
import dev.berth.ledger.Occupant;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.Scope;
import dev.berth.ledger.Token;
import dev.berth.ledger.Violation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What the groups of laws share: a store for each law, and short words for commits and what becomes of them. */
abstract class StoreLaws {
    static final Scope NODE = Scope.of("node-1");
    static final Owner ANNA = Owner.of("lab", "anna");
    static final Owner BERT = Owner.of("lab", "bert");
    static final Owner CLEO = Owner.of("shop", "cleo");
    /** Never runs out within a law. */
    static final Duration LONG = Duration.ofHours(2);

    private final LedgerStoreContract contract;
    private final List<LedgerStore> handles = new ArrayList<>();
    private final List<StoreFixture> others = new ArrayList<>();
    StoreFixture fixture;
    LedgerStore store;

    StoreLaws(LedgerStoreContract contract) {
        this.contract = contract;
    }

    @BeforeEach
    final void openStore() throws Exception {
        fixture = contract.open();
        store = fixture.store();
    }

    @AfterEach
    final void closeStore() {
        handles.forEach(LedgerStore::close);
        others.forEach(StoreFixture::close);
        fixture.close();
    }

    /** Another fresh store, with other data, that lives as long as the law. */
    LedgerStore fresh() throws Exception {
        StoreFixture other = contract.open();
        others.add(other);
        return other.store();
    }

    // ------------------------------------------------------------------ time and handles

    Duration tick() {
        return fixture.tick();
    }

    /** Lets every lease of a tick run out. */
    void pass() {
        fixture.pass(tick());
    }

    /** Another handle on the same data; the law is skipped where there is none. */
    LedgerStore anotherHandle() {
        Optional<LedgerStore> other = fixture.another();
        if (other.isEmpty()) {
            abort("skipped: this store's data lives in one handle");
        }
        handles.add(other.orElseThrow());
        return other.orElseThrow();
    }

    /** As many handles as wanted: different ones where the store can have several, else the same. */
    List<LedgerStore> handles(int wanted) {
        List<LedgerStore> found = new ArrayList<>(List.of(store));
        while (found.size() < wanted) {
            Optional<LedgerStore> other = fixture.another();
            other.ifPresent(handles::add);
            found.add(other.orElse(store));
        }
        return found;
    }

    // ------------------------------------------------------------------ things

    static Resource port(int number) {
        return ResourceKind.TCP_PORT.in(NODE, number);
    }

    static Resource text(String value) {
        return Resource.stored("text", NODE, value);
    }

    static Owner owner(int number) {
        return Owner.of("lab", "owner-" + number);
    }

    static Commit.BlockTerms quarantine(Duration span) {
        return new Commit.BlockTerms(BlockReason.QUARANTINE, "resting", span);
    }

    static Commit.BlockTerms decline(Duration span) {
        return new Commit.BlockTerms(BlockReason.DECLINE, "nginx listens there", span);
    }

    // ------------------------------------------------------------------ commits

    static Commit unit(Commit.BlockWrite... blocks) {
        return new Commit(List.of(), List.of(blocks), List.of(), List.of());
    }

    static Commit unit(Commit.RecordWrite... records) {
        return new Commit(List.of(), List.of(), List.of(records), List.of());
    }

    static Commit.Release release(Claim seen) {
        return release(seen.token());
    }

    static Commit.Release release(Token token) {
        return new Commit.Release(token, Commit.Guard.NONE, EndReason.RELEASED, Map.of());
    }

    static Commit.PutRecord put(String name, long expected, String value) {
        return new Commit.PutRecord(name, expected, value, Optional.empty());
    }

    static Commit.PutRecord put(String name, long expected, String value, Duration span) {
        return new Commit.PutRecord(name, expected, value, Optional.of(span));
    }

    static CommitResult commit(LedgerStore to, Commit unit) {
        List<CommitResult> results = to.commit(List.of(unit));
        assertThat(results).hasSize(1);
        return results.get(0);
    }

    Instant done(Commit unit) {
        CommitResult result = commit(store, unit);
        assertThat(result).isInstanceOf(CommitResult.Done.class);
        return ((CommitResult.Done) result).at();
    }

    Instant done(Commit.ClaimWrite... writes) {
        return done(Commit.of(writes));
    }

    List<Violation> refused(Commit unit) {
        CommitResult result = commit(store, unit);
        assertThat(result).isInstanceOf(CommitResult.Refused.class);
        return ((CommitResult.Refused) result).violations();
    }

    List<Violation> refused(Commit.ClaimWrite... writes) {
        return refused(Commit.of(writes));
    }

    static boolean isDone(CommitResult result) {
        return result instanceof CommitResult.Done;
    }

    /** Commits a new claim and reads it back. */
    Claim made(NewClaim form) {
        done(form.write());
        return claim(form);
    }

    /** Commits a change and reads the claim back. */
    Claim changed(ChangedClaim form) {
        Commit.Change write = form.write();
        done(write);
        return store.find(write.claim()).orElseThrow().claim();
    }

    // ------------------------------------------------------------------ reads

    Claim claim(NewClaim form) {
        return store.find(form.id()).orElseThrow().claim();
    }

    Claim claim(Owner owner) {
        return store.find(owner).orElseThrow().claim();
    }

    Optional<Occupant> on(Resource resource) {
        return Optional.ofNullable(store.occupants(List.of(resource)).get(resource));
    }

    Occupant.Holder holder(Resource resource) {
        return (Occupant.Holder) on(resource).orElseThrow();
    }

    static Token token(Occupant occupant) {
        return ((Occupant.Holder) occupant).token();
    }

    Occupant.Block block(Resource resource) {
        return (Occupant.Block) on(resource).orElseThrow();
    }

    LedgerRecord record(String name) {
        return store.record(name).orElseThrow();
    }
}
