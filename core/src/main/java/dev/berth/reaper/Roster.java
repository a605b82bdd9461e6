package dev.berth.reaper;

import dev.berth.ledger.Token;
import java.util.Arrays;
import java.util.stream.Stream;

/** Which claims there were, at which revision, before the runtime was asked: eight bytes for each. */
final class Roster {
    private final long[] hashes;

    private Roster(long[] hashes) {
        this.hashes = hashes;
    }

    static Roster of(Stream<Token> tokens) {
        long[] hashes = tokens.mapToLong(Roster::hash).toArray();
        Arrays.sort(hashes);
        return new Roster(hashes);
    }

    boolean has(Token token) {
        return Arrays.binarySearch(hashes, hash(token)) >= 0;
    }

    private static long hash(Token token) {
        long hash = mix(token.claim().getMostSignificantBits());
        hash = mix(hash ^ token.claim().getLeastSignificantBits());
        return mix(hash ^ token.revision());
    }

    /** The finalizer of SplitMix64, which spreads every bit over all (Steele, Lea and Flood, OOPSLA 2014). */
    private static long mix(long bits) {
        long mixed = (bits ^ (bits >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }
}
