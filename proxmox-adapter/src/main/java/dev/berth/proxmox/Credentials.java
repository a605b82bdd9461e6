package dev.berth.proxmox;

import dev.berth.InvalidInputException;
import java.util.Arrays;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * Who asks. An API token is the better choice: it needs no renewal, and can be given just the rights that Berth needs. No
 * secret is in {@link #toString}, in a message or in a log.
 */
public abstract sealed class Credentials {
    private static final Pattern USER = Pattern.compile("[^\\s:/!]+@[A-Za-z][A-Za-z0-9._-]+");
    private static final Pattern TOKEN = Pattern.compile(USER + "![A-Za-z][A-Za-z0-9._-]+");

    /** Whoever gives another text has often put the secret into it. */
    private static final String HIDDEN = "a text that is not shown, since a secret may be in it";

    private Credentials() {}

    /** Whether nothing can be asked with them any more. */
    abstract boolean isWiped();

    /**
     * Uses an API token (Proxmox VE 6.2 and newer). One with separated privileges starts without any right.
     *
     * @param id the token's full id, {@code user@realm!name}
     * @param secret its secret; copied, so that the caller may wipe it. The copy is wiped when the runtime is closed
     * @return the credentials, for one runtime
     * @throws InvalidInputException if the id is not one, or the secret empty or with characters that none has
     */
    public static Credentials token(String id, char[] secret) {
        if (!TOKEN.matcher(InvalidInputException.requireNonNull("token id", id)).matches()) {
            throw InvalidInputException.of(
                    "token id", HIDDEN, "user@realm!name alone; its secret is the other argument");
        }
        char[] copy =
                InvalidInputException.requireNonNull("token secret", secret).clone();
        if (copy.length == 0) {
            throw InvalidInputException.of("token secret", "nothing", "the secret that was shown when it was made");
        }
        // A line's end that came with it from a file would make java.net.http show it all in its exception.
        for (char one : copy) {
            if (one <= ' ' || one > '~') {
                Arrays.fill(copy, '\0');
                throw InvalidInputException.of(
                        "token secret", "a character that no secret has", "letters, digits and hyphens; no line's end");
            }
        }
        return new Token(id, copy);
    }

    /**
     * Logs in with a password and renews the ticket before its two hours are over. Users with a second factor cannot.
     *
     * @param user the user, {@code name@realm}
     * @param password gives the password when it is needed: at first, and when the ticket could not be renewed. Each array is
     *     wiped after use, so each call must give a new one
     * @return the credentials
     * @throws InvalidInputException if the user is not one
     */
    public static Credentials ticket(String user, Supplier<char[]> password) {
        if (!USER.matcher(InvalidInputException.requireNonNull("user", user)).matches()) {
            throw InvalidInputException.of("user", HIDDEN, "name@realm alone; the password is the other argument");
        }
        return new Ticket(user, InvalidInputException.requireNonNull("password", password));
    }

    /** A token and its secret. */
    static final class Token extends Credentials {
        private final String id;
        private final char[] secret;
        private volatile boolean wiped;

        private Token(String id, char[] secret) {
            this.id = id;
            this.secret = secret;
        }

        String id() {
            return id;
        }

        /** The header's value; made anew for each request, since a header must be a text. */
        String header() {
            return "PVEAPIToken=" + id + '=' + String.valueOf(secret);
        }

        void wipe() {
            wiped = true;
            Arrays.fill(secret, '\0');
        }

        @Override
        boolean isWiped() {
            return wiped;
        }

        @Override
        public String toString() {
            return "token " + id;
        }
    }

    /** A user and where the password comes from. */
    static final class Ticket extends Credentials {
        private final String user;
        private final Supplier<char[]> password;

        private Ticket(String user, Supplier<char[]> password) {
            this.user = user;
            this.password = password;
        }

        String user() {
            return user;
        }

        /** The password is somebody else's to keep. */
        @Override
        boolean isWiped() {
            return false;
        }

        char[] password() {
            return InvalidInputException.requireNonNull("password of " + user, password.get());
        }

        @Override
        public String toString() {
            return "user " + user;
        }
    }
}
