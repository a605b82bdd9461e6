package dev.berth.jdbc;

import dev.berth.ledger.Commit;
import dev.berth.ledger.CommitResult;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Statements of a database that carry out {@linkplain Commit#isPlain() plain} units by themselves, as their own commit. */
interface PlainCommits {
    /**
     * Carries out the first of the units, of which there is at least one.
     *
     * @return what became of each of them, of one at least; null where this cannot tell, and nothing was done
     */
    List<@Nullable CommitResult> run(Session session, List<Commit> units, FreeHints.News news) throws SQLException;

    /**
     * Notes what a plain unit names: claims, owners and resources.
     *
     * @return false, and nothing noted, if another unit has named some of it
     */
    static boolean touch(Commit unit, Set<Object> touched) {
        Commit.ClaimWrite write = unit.claims().get(0);
        Set<Object> own = new HashSet<>();
        own.add(write.claim());
        write.claimant().ifPresent(own::add);
        write.taken().forEach(take -> own.add(take.resource()));
        if (own.stream().anyMatch(touched::contains)) {
            return false;
        }
        touched.addAll(own);
        return true;
    }
}
