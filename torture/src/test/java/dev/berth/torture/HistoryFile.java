package dev.berth.torture;

import dev.berth.BerthException;
import dev.berth.ledger.Claim;
import dev.berth.ledger.Owner;
import dev.berth.ledger.StaleTokenException;
import dev.berth.ledger.StoreUnavailableException;
import dev.berth.ledger.Token;
import dev.berth.torture.check.Answer;
import dev.berth.torture.check.Deed;
import dev.berth.torture.check.Lines;
import dev.berth.torture.check.Seen;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The history of one process. Each line is handed to the system before the next thing happens, so that it is there
 * though the process is killed.
 */
final class HistoryFile implements AutoCloseable {
    private final OutputStream out;
    private final AtomicLong numbers = new AtomicLong();

    HistoryFile(Path file) throws IOException {
        out = Files.newOutputStream(file);
    }

    /**
     * A call and what it is about.
     *
     * @param deed what is asked for
     * @param owner for whom
     * @param token the token that is named
     * @param part the part that it is about
     * @param lease how long the owner's claims live
     */
    record Ask(Deed deed, String owner, Optional<Token> token, Optional<String> part, Optional<Duration> lease) {
        static Ask of(Deed deed, Owner owner) {
            return new Ask(deed, owner.toString(), Optional.empty(), Optional.empty(), World.lease(owner));
        }

        Ask naming(Token named) {
            return new Ask(deed, owner, Optional.of(named), part, lease);
        }

        Ask about(String what) {
            return new Ask(deed, owner, token, Optional.of(what), lease);
        }
    }

    /** How a call ended. */
    record Told(Answer answer, String type, Optional<Claim> claim) {
        static Told of(Claim claim) {
            return new Told(Answer.OK, "", Optional.of(claim));
        }

        /** Done, with nothing to show; or there was nothing to do. */
        static Told done(boolean any) {
            return new Told(any ? Answer.OK : Answer.NOTHING, "", Optional.empty());
        }
    }

    /** Makes a call between its two lines, and gives what it told. Nothing is thrown: that is an outcome, too. */
    Told tell(Ask ask, Callable<Told> call) {
        long number = numbers.incrementAndGet();
        line(Lines.intent(number, System.nanoTime(), ask.deed(), ask.owner(), ask.token(), ask.part(), ask.lease()));
        Told told;
        try {
            told = call.call();
        } catch (StoreUnavailableException failure) {
            boolean open = failure.outcome() == StoreUnavailableException.Outcome.UNKNOWN;
            told = thrown(open ? Answer.UNKNOWN : Answer.REFUSED, failure, "");
        } catch (StaleTokenException stale) {
            told = thrown(Answer.REFUSED, stale, stale.current().isEmpty() ? " gone" : "");
        } catch (BerthException refused) {
            told = thrown(Answer.REFUSED, refused, "");
        } catch (Exception | Error broken) {
            // Nobody should ever see one; the checker says so.
            broken.printStackTrace();
            told = thrown(Answer.REFUSED, broken, "");
        }
        line(Lines.outcome(
                number,
                System.nanoTime(),
                told.answer(),
                told.type(),
                told.claim().map(Seen::of)));
        return told;
    }

    private static Told thrown(Answer answer, Throwable what, String more) {
        return new Told(answer, what.getClass().getSimpleName() + more, Optional.empty());
    }

    private synchronized void line(String text) {
        try {
            out.write((text + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Override
    public synchronized void close() throws IOException {
        out.close();
    }
}
