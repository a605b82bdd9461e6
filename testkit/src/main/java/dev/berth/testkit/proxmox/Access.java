package dev.berth.testkit.proxmox;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Users, their tokens and tickets, and who may do what. */
final class Access {
    static final Duration TICKET_LIFE = Duration.ofHours(2);
    static final Duration CLOCK_SKEW = Duration.ofMinutes(5);
    private static final String ROOT = "root@pam";
    private static final List<String> STANDARD_PATHS =
            List.of("/", "/access", "/access/groups", "/nodes", "/pool", "/sdn", "/storage", "/vms");

    /** As long and as random as a real one, and told from everything else in a log by how it begins. */
    private static String secret() {
        return FakeToken.SECRETS_BEGIN + UUID.randomUUID().toString().substring(FakeToken.SECRETS_BEGIN.length());
    }

    /** A right given at a path. */
    record Grant(String path, String who, Set<String> privileges) {}

    static final class Account {
        String password = secret();
        boolean enabled = true;
        final Map<String, Token> tokens = new HashMap<>();
    }

    static final class Token {
        final String secret = secret();
        final boolean separated;
        Instant expiry = Instant.MAX;

        Token(boolean separated) {
            this.separated = separated;
        }
    }

    private final Map<String, Account> accounts = new HashMap<>();
    private final List<Grant> grants = new ArrayList<>();
    private final byte[] key = UUID.randomUUID().toString().getBytes(StandardCharsets.UTF_8);

    Access() {
        accounts.put(ROOT, new Account());
    }

    Account account(String user) {
        return accounts.computeIfAbsent(user, name -> new Account());
    }

    // ------------------------------------------------------------------ who is it

    Optional<Caller> byToken(String credentials, Instant now) {
        int bang = credentials.indexOf('!');
        int equals = credentials.indexOf('=', Math.max(bang, 0));
        if (bang < 0 || equals < 0) {
            return Optional.empty();
        }
        String user = credentials.substring(0, bang);
        String id = credentials.substring(bang + 1, equals);
        String secret = credentials.substring(equals + 1);
        return Optional.ofNullable(accounts.get(user))
                .filter(account -> account.enabled)
                .map(account -> account.tokens.get(id))
                .filter(token -> token.secret.equals(secret) && now.isBefore(token.expiry))
                .map(token -> new Caller(user, id));
    }

    Optional<Caller> byPassword(String user, String password, Instant now) {
        return Optional.ofNullable(accounts.get(user))
                .filter(account -> account.enabled)
                .filter(account -> account.password.equals(password)
                        || byTicket(password, now)
                                .filter(caller -> caller.user().equals(user))
                                .isPresent())
                .map(account -> new Caller(user, ""));
    }

    Optional<Caller> byTicket(String ticket, Instant now) {
        String[] parts = ticket.split("::", 2);
        String[] head = parts[0].split(":", -1);
        if (parts.length < 2
                || head.length != 3
                || !head[0].equals("PVE")
                || !sign(parts[0]).equals(parts[1])) {
            return Optional.empty();
        }
        return isFresh(head[2], now)
                ? Optional.ofNullable(accounts.get(head[1]))
                        .filter(account -> account.enabled)
                        .map(account -> new Caller(head[1], ""))
                : Optional.empty();
    }

    boolean isCsrfToken(String token, String user, Instant now) {
        int colon = token.indexOf(':');
        return colon > 0
                && csrfToken(user, token.substring(0, colon)).equals(token)
                && isFresh(token.substring(0, colon), now);
    }

    String ticket(String user, Instant now) {
        String head = "PVE:" + user + ":" + stamp(now);
        return head + "::" + sign(head);
    }

    String csrfToken(String user, Instant now) {
        return csrfToken(user, stamp(now));
    }

    private String csrfToken(String user, String stamp) {
        return stamp + ":" + sign("csrf:" + stamp + ":" + user).substring(0, 43);
    }

    private static String stamp(Instant now) {
        return String.format(Locale.ROOT, "%08X", now.getEpochSecond());
    }

    private static boolean isFresh(String stamp, Instant now) {
        try {
            Instant made = Instant.ofEpochSecond(Long.parseLong(stamp, 16));
            return !now.isAfter(made.plus(TICKET_LIFE)) && !now.isBefore(made.minus(CLOCK_SKEW));
        } catch (NumberFormatException forged) {
            return false;
        }
    }

    private String sign(String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA512");
            mac.init(new SecretKeySpec(key, "HmacSHA512"));
            return Base64.getEncoder().encodeToString(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every JDK has HmacSHA512", impossible);
        }
    }

    // ------------------------------------------------------------------ what may it

    void grant(String path, String who, Set<String> privileges) {
        grants.removeIf(grant -> grant.path().equals(path) && grant.who().equals(who));
        grants.add(new Grant(path, who, Set.copyOf(privileges)));
    }

    void revoke(String who) {
        grants.removeIf(grant -> grant.who().equals(who));
    }

    void revoke(String who, String privilege) {
        grants.replaceAll(grant -> {
            if (!grant.who().equals(who)) {
                return grant;
            }
            Set<String> left = new TreeSet<>(grant.privileges());
            left.remove(privilege);
            return new Grant(grant.path(), who, left);
        });
    }

    boolean may(Caller caller, String path, String privilege) {
        return privileges(caller, path).contains(privilege);
    }

    Set<String> privileges(Caller caller, String path) {
        Set<String> users = caller.user().equals(ROOT) ? Privileges.ALL : granted(caller.user(), path);
        Token token =
                caller.token().isEmpty() ? null : account(caller.user()).tokens.get(caller.token());
        if (token == null || !token.separated) {
            return users;
        }
        Set<String> both = new TreeSet<>(granted(caller.name(), path));
        both.retainAll(users);
        return both;
    }

    /** The deepest path with a grant decides, as with Proxmox VE. */
    private Set<String> granted(String who, String path) {
        Set<String> found = Set.of();
        int length = -1;
        for (Grant grant : grants) {
            boolean above =
                    grant.path().equals("/") || path.equals(grant.path()) || path.startsWith(grant.path() + "/");
            if (above && grant.who().equals(who) && grant.path().length() > length) {
                found = grant.privileges();
                length = grant.path().length();
            }
        }
        return found;
    }

    /** What {@code /access/permissions} lists: paths where the caller may do anything, each with its privileges. */
    Map<String, Object> permissions(Caller caller) {
        Set<String> paths = new TreeSet<>(STANDARD_PATHS);
        grants.forEach(grant -> paths.add(grant.path()));
        Map<String, Object> all = new LinkedHashMap<>();
        for (String path : paths) {
            Map<String, Object> here = flags(privileges(caller, path));
            if (!here.isEmpty()) {
                all.put(path, here);
            }
        }
        return all;
    }

    static Map<String, Object> flags(Set<String> privileges) {
        Map<String, Object> flags = new TreeMap<>();
        privileges.forEach(privilege -> flags.put(privilege, 1));
        return flags;
    }
}
