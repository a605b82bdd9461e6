package dev.berth.fuzz;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/** A data source that keeps every text of SQL that passes through it, prepared or not, and looks at what is bound. */
final class Recording {
    private static final Set<String> CARRIERS = Set.of(
            "prepareStatement",
            "prepareCall",
            "nativeSQL",
            "execute",
            "executeQuery",
            "executeUpdate",
            "executeLargeUpdate",
            "addBatch");

    private final List<String> statements = new CopyOnWriteArrayList<>();
    private final AtomicInteger bound = new AtomicInteger();
    private final String marker;

    /** Counts what is bound with the marker in it. */
    Recording(String marker) {
        this.marker = marker;
    }

    DataSource of(DataSource real) {
        return (DataSource) watched(DataSource.class, real);
    }

    /** Each text once. */
    List<String> statements() {
        return statements.stream().distinct().toList();
    }

    /** How often a value with the marker was bound. */
    int bound() {
        return bound.get();
    }

    private boolean isMarked(Object value) {
        String text = value instanceof byte[] bytes ? new String(bytes, StandardCharsets.UTF_8) : String.valueOf(value);
        return text.contains(marker);
    }

    private Object watched(Class<?> type, Object real) {
        InvocationHandler handler = (self, method, given) -> {
            if (given != null && given.length > 0) {
                if (CARRIERS.contains(method.getName()) && given[0] instanceof String sql) {
                    statements.add(sql);
                } else if (method.getName().startsWith("set")
                        && Arrays.stream(given).anyMatch(this::isMarked)) {
                    bound.incrementAndGet();
                }
            }
            if (method.getName().equals("unwrap") && given[0] == type) {
                return self;
            }
            try {
                Object answer = method.invoke(real, given);
                Class<?> wanted = method.getReturnType();
                return answer != null
                                && List.of(Connection.class, PreparedStatement.class, Statement.class)
                                        .contains(wanted)
                        ? watched(wanted, answer)
                        : answer;
            } catch (InvocationTargetException e) {
                throw e.getTargetException();
            }
        };
        return Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {type}, handler);
    }

    /** What of a statement is neither in quotes nor a comment. */
    static String bare(String sql, boolean backslashEscapes) {
        var bare = new StringBuilder();
        for (int i = 0; i < sql.length(); i++) {
            char c = sql.charAt(i);
            if (sql.startsWith("--", i) || sql.startsWith("/*", i)) {
                String ending = c == '-' ? "\n" : "*/";
                int comment = sql.indexOf(ending, i + 2);
                i = comment < 0 ? sql.length() : comment + ending.length() - 1;
                continue;
            }
            if (c != '\'' && c != '"' && c != '`') {
                bare.append(c);
                continue;
            }
            int end = i + 1;
            while (end < sql.length()) {
                if (backslashEscapes && c == '\'' && sql.charAt(end) == '\\') {
                    end += 2;
                } else if (sql.charAt(end) != c) {
                    end++;
                } else if (end + 1 < sql.length() && sql.charAt(end + 1) == c) {
                    end += 2;
                } else {
                    break;
                }
            }
            if (end >= sql.length()) {
                return bare + " UNENDED " + sql.substring(i);
            }
            bare.append("?");
            i = end;
        }
        return bare.toString();
    }
}
