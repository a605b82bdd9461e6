package dev.berth.torture;

import dev.berth.ledger.Claim;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.Token;
import dev.berth.torture.HistoryFile.Ask;
import dev.berth.torture.HistoryFile.Told;
import dev.berth.torture.check.Answer;
import dev.berth.torture.check.Deed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;

/** A thread that does all that a ledger offers, for owners of its own and for shared ones; now and then by an old token. */
final class Claimer implements Runnable {
    private static final int MOST_KEPT = 4;

    private final ResourceLedger ledger;
    private final HistoryFile history;
    private final Random random;
    private final List<Owner> own;
    private final List<Owner> shared = World.owners("shared");
    /** The claims that were seen, newest last. */
    private final Map<Owner, List<Claim>> seen = new HashMap<>();
    /** The claims that this thread was told are released. */
    private final Set<UUID> released = new HashSet<>();

    Claimer(ResourceLedger ledger, HistoryFile history, String tenant, Random random) {
        this.ledger = ledger;
        this.history = history;
        this.random = random;
        this.own = World.owners(tenant);
    }

    /** Makes one call. */
    @Override
    public void run() {
        List<Owner> owners = random.nextInt(3) == 0 ? shared : own;
        Owner owner = owners.get(random.nextInt(owners.size()));
        Optional<Claim> claim = claim(owner);
        int roll = random.nextInt(12);
        if (claim.isEmpty() || roll < 4) {
            if (roll == 0) {
                find(owner);
            } else {
                tell(owner, Ask.of(Deed.CLAIM, owner), () -> Told.of(ledger.claim(World.request(owner))));
            }
        } else if (roll < 6) {
            find(owner);
        } else if (roll == 6) {
            tell(
                    owner,
                    Ask.of(Deed.EXTEND, owner).about(World.EXTRA_PART),
                    () -> Told.of(ledger.claim(World.extended(owner))));
        } else {
            change(owner, claim.get(), roll);
        }
    }

    private void find(Owner owner) {
        tell(
                owner,
                Ask.of(Deed.FIND, owner),
                () -> ledger.find(owner).map(Told::of).orElseGet(() -> Told.done(false)));
    }

    private void change(Owner owner, Claim claim, int roll) {
        Token token = claim.token();
        if (roll < 9 && World.lease(owner).isPresent()) {
            tell(
                    owner,
                    Ask.of(Deed.RENEW, owner).naming(token),
                    () -> Told.of(ledger.renew(token, World.lease(owner).orElseThrow())));
        } else if (roll < 10) {
            tell(
                    owner,
                    Ask.of(Deed.SHRINK, owner).naming(token).about(World.EXTRA_PART),
                    () -> Told.of(ledger.shrink(token, World.EXTRA_PART)));
        } else {
            release(owner, claim, roll == 10);
        }
    }

    /**
     * By the claim itself, without reading it again, only what nobody else can have released: where the answer is lost
     * and the claim is gone, such a release is told as done, whoever has done it.
     */
    private void release(Owner owner, Claim claim, boolean reading) {
        boolean unread = !reading && own.contains(owner) && !released.contains(claim.id());
        Told told = tell(
                owner,
                Ask.of(Deed.RELEASE, owner).naming(claim.token()),
                () -> Told.done(unread ? ledger.release(claim) : ledger.release(claim.token())));
        if (told.answer() != Answer.REFUSED) {
            released.add(claim.id());
        }
    }

    /** Mostly the last one that was seen. */
    private Optional<Claim> claim(Owner owner) {
        List<Claim> claims = seen.getOrDefault(owner, List.of());
        if (claims.isEmpty()) {
            return Optional.empty();
        }
        int back = random.nextInt(6) == 0 ? random.nextInt(claims.size()) : 0;
        return Optional.of(claims.get(claims.size() - 1 - back));
    }

    private Told tell(Owner owner, Ask ask, Callable<Told> call) {
        Told told = history.tell(ask, call);
        List<Claim> claims = seen.computeIfAbsent(owner, any -> new ArrayList<>());
        told.claim().ifPresent(claim -> {
            claims.removeIf(before -> before.token().equals(claim.token()));
            claims.add(claim);
        });
        if (told.answer() == Answer.NOTHING && random.nextBoolean()) {
            claims.clear();
        }
        if (claims.size() > MOST_KEPT) {
            claims.remove(0);
        }
        return told;
    }
}
