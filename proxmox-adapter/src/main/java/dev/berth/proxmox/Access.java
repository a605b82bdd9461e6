package dev.berth.proxmox;

import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Signs requests. A ticket lives two hours and so does its CSRF token (pve-access-control, {@code $ticket_lifetime}); after
 * one, the ticket is handed in as the password of the next. Safe for use by many threads.
 */
final class Access {
    private static final Duration RENEW_AFTER = Duration.ofHours(1);
    private static final Duration DEAD_AFTER = Duration.ofMinutes(115);
    private static final String HEX = "0123456789ABCDEF";

    private final Credentials credentials;
    private final Clock clock;
    private final Duration within;
    private final AtomicReference<@Nullable Pass> pass = new AtomicReference<>();
    /** The login that is under way: who needs one meanwhile shares what comes of it, instead of waiting for a turn. */
    private final AtomicReference<@Nullable CompletableFuture<Pass>> login = new AtomicReference<>();

    /** What a login gives. */
    record Pass(String ticket, String csrf, Instant since) {
        @Override
        public String toString() {
            return "ticket since " + since;
        }
    }

    /** How a login is asked for. */
    interface Door {
        /** Posts a form to {@code /access/ticket}; the bytes are the caller's to wipe. */
        Answer post(byte[] form) throws InterruptedException;
    }

    Access(Credentials credentials, Clock clock, Duration within) {
        this.credentials = credentials;
        this.clock = clock;
        this.within = within;
    }

    /** Puts on a request what proves who asks, and tells by which ticket: null for a token. */
    @Nullable
    Pass sign(HttpRequest.Builder request, Answer.Purpose purpose, Door door) throws InterruptedException {
        if (credentials instanceof Credentials.Token token) {
            request.setHeader("Authorization", token.header());
            return null;
        }
        Pass current = pass((Credentials.Ticket) credentials, door);
        request.setHeader("Cookie", "PVEAuthCookie=" + URLEncoder.encode(current.ticket(), StandardCharsets.UTF_8));
        if (purpose == Answer.Purpose.WRITE) {
            request.setHeader("CSRFPreventionToken", current.csrf());
        }
        return current;
    }

    /** Who asks, as tasks tell it: {@code name@realm}, or a token's full id. */
    String user() {
        return credentials instanceof Credentials.Token token ? token.id() : ((Credentials.Ticket) credentials).user();
    }

    /**
     * Forgets a ticket that was refused, unless another thread has a newer one by now; tells whether another try may have a
     * better one.
     */
    boolean mayRenew(@Nullable Pass refused) {
        if (refused == null) {
            return false;
        }
        pass.compareAndSet(refused, null);
        return true;
    }

    private Pass pass(Credentials.Ticket user, Door door) throws InterruptedException {
        long until = System.nanoTime() + within.toNanos();
        while (true) {
            Pass known = pass.get();
            if (known != null && isFresh(known)) {
                return known;
            }
            var own = new CompletableFuture<Pass>();
            CompletableFuture<Pass> other = login.compareAndExchange(null, own);
            Pass got = other == null ? loggedIn(user, door, own) : shared(other, until - System.nanoTime());
            if (got != null) {
                return got;
            }
        }
    }

    private Pass loggedIn(Credentials.Ticket user, Door door, CompletableFuture<Pass> own) throws InterruptedException {
        try {
            Pass known = pass.get();
            Pass fresh = known != null && isFresh(known) ? known : asked(user, known, door);
            pass.set(fresh);
            login.set(null);
            own.complete(fresh);
            return fresh;
        } catch (Trouble failure) {
            login.set(null);
            own.completeExceptionally(failure);
            throw failure;
        } finally {
            // Whoever was interrupted has found out nothing: one of those who wait for it asks next.
            login.compareAndSet(own, null);
            own.cancel(false);
        }
    }

    private Pass asked(Credentials.Ticket user, @Nullable Pass known, Door door) throws InterruptedException {
        Pass renewed = known != null && age(known).compareTo(DEAD_AFTER) < 0 ? renewed(user, known, door) : null;
        return renewed != null ? renewed : opened(user, user.password(), door);
    }

    /** What comes of another thread's login; null if that thread gave it up. */
    private @Nullable Pass shared(CompletableFuture<Pass> other, long nanos) throws InterruptedException {
        try {
            return other.get(Math.max(nanos, 0), TimeUnit.NANOSECONDS);
        } catch (CancellationException givenUp) {
            return null;
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof Trouble trouble
                    ? trouble.again()
                    : Trouble.unanswered("login of " + credentials + " failed", failed);
        } catch (TimeoutException slow) {
            throw Trouble.unanswered("login of " + credentials + " is under way, and not done within " + within, slow);
        }
    }

    private boolean isFresh(Pass known) {
        return age(known).compareTo(RENEW_AFTER) < 0;
    }

    private Duration age(Pass known) {
        return Duration.between(known.since(), clock.instant());
    }

    /** Null if the old ticket is no longer taken: then the password is asked for. */
    private @Nullable Pass renewed(Credentials.Ticket user, Pass known, Door door) throws InterruptedException {
        try {
            return opened(user, known.ticket().toCharArray(), door);
        } catch (Trouble refused) {
            if (refused.isWorthAskingElsewhere()) {
                throw refused;
            }
            return null;
        }
    }

    private Pass opened(Credentials.Ticket user, char[] password, Door door) throws InterruptedException {
        // Before the question: a ticket is never taken for younger than it is.
        Instant since = clock.instant();
        byte[] form = form(user.user(), password);
        Answer answer;
        try {
            answer = door.post(form);
        } finally {
            Arrays.fill(form, (byte) 0);
        }
        if (!answer.isGood()) {
            throw answer.status() == 401 || answer.status() == 400
                    ? Trouble.rejected("login of " + credentials + " was refused (" + answer.status()
                            + "): see that user, realm and password are right")
                    : Trouble.unanswered("login of " + credentials + ": " + answer.text(), null);
        }
        JsonNode data = answer.data();
        if (Answer.flag(data.path("NeedTFA"))) {
            throw Trouble.rejected("login of " + credentials + " wants a second factor; use an API token");
        }
        String ticket = Answer.text(data, "ticket");
        String csrf = Answer.text(data, "CSRFPreventionToken");
        if (ticket.isEmpty() || csrf.isEmpty()) {
            throw Trouble.unanswered("login of " + credentials + " gave no ticket", null);
        }
        return new Pass(ticket, csrf, since);
    }

    /** A form's bytes, without a text of the password on the way. */
    private static byte[] form(String user, char[] password) {
        CharBuffer given = CharBuffer.wrap(password);
        ByteBuffer plain = ByteBuffer.allocate((int)
                (password.length * (double) StandardCharsets.UTF_8.newEncoder().maxBytesPerChar()));
        StandardCharsets.UTF_8.newEncoder().encode(given, plain, true);
        plain.flip();
        byte[] start = ("username=" + URLEncoder.encode(user, StandardCharsets.UTF_8) + "&password=")
                .getBytes(StandardCharsets.US_ASCII);
        byte[] form = Arrays.copyOf(start, start.length + 3 * plain.remaining());
        int at = start.length;
        while (plain.hasRemaining()) {
            int one = plain.get() & 0xff;
            form[at++] = '%';
            form[at++] = (byte) HEX.charAt(one >> 4);
            form[at++] = (byte) HEX.charAt(one & 15);
        }
        Arrays.fill(plain.array(), (byte) 0);
        Arrays.fill(password, '\0');
        return form;
    }

    void wipe() {
        pass.set(null);
        if (credentials instanceof Credentials.Token token) {
            token.wipe();
        }
    }
}
