package dev.berth.testkit.proxmox;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The parameters of a method, checked with the words of Proxmox VE. */
final class Rules {
    private static final String UNKNOWN =
            "property is not defined in schema and the schema does not allow additional properties";
    private static final String MISSING = "property is missing and it is not optional";
    private static final Pattern NUMBERED = Pattern.compile("(net|mp|dev|unused|scsi|virtio|ide|sata)\\d{1,3}");

    /** What a parameter may be. */
    interface Type {
        String word();

        /** Says what is wrong with a text, or gives it in its normal form. */
        String normal(String text) throws Wrong;
    }

    /** A value that is none. */
    static final class Wrong extends Exception {
        private static final long serialVersionUID = 1L;

        Wrong(String error) {
            super(error);
        }
    }

    private interface Check {
        String normal(String text) throws Wrong;
    }

    private record Named(String word, Check check) implements Type {
        @Override
        public String normal(String text) throws Wrong {
            return check.normal(text);
        }
    }

    static final Type TEXT = new Named("string", text -> text);
    static final Type FLAG = new Named("boolean", Rules::flag);
    static final Type ID = new Named("integer", Rules::id);
    static final Type DNS_NAME = new Named(
            "string",
            matching(
                    "(?i)([a-z0-9]([a-z0-9-]*[a-z0-9])?)(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*",
                    "invalid format - value does not look like a valid DNS name\n"));
    static final Type TAGS = new Named("string", Rules::tags);
    static final Type NET = new Named(
            "string",
            matching(
                    "(?s).*\\bname=[^,]+.*",
                    "invalid format - format error\nnet.name: property is missing and it is not optional\n"));

    static Type number(long least, long most) {
        return new Named("integer", text -> {
            long value = integer(text);
            if (value < least) {
                throw new Wrong("value must have a minimum value of " + least);
            }
            if (value > most) {
                throw new Wrong("value must have a maximum value of " + most);
            }
            return text;
        });
    }

    static Type oneOf(String... values) {
        return new Named("string", text -> {
            if (!List.of(values).contains(text)) {
                throw new Wrong("value '" + text + "' does not have a value in the enumeration '"
                        + String.join(", ", values) + "'");
            }
            return text;
        });
    }

    private final Map<String, Type> types = new LinkedHashMap<>();
    private final Map<String, Boolean> needed = new LinkedHashMap<>();
    private Optional<Type> numbered = Optional.empty();

    static Rules none() {
        return new Rules();
    }

    Rules needs(String name, Type type) {
        types.put(name, type);
        needed.put(name, true);
        return this;
    }

    Rules takes(Type type, String... names) {
        for (String name : names) {
            types.put(name, type);
        }
        return this;
    }

    /** Takes {@code net0}, {@code mp1} and their like. */
    Rules takesDevices() {
        numbered = Optional.of(TEXT);
        return this;
    }

    Map<String, String> check(Map<String, Object> given) throws Refusal {
        Map<String, Object> errors = new TreeMap<>();
        Map<String, String> values = new LinkedHashMap<>();
        given.forEach((name, value) -> {
            Optional<Type> type = type(name);
            if (type.isEmpty()) {
                errors.put(name, UNKNOWN);
            } else if (!(value instanceof String text)) {
                errors.put(
                        name,
                        "type check ('" + type.get().word() + "') failed - got "
                                + (value instanceof List ? "ARRAY" : "HASH"));
            } else {
                try {
                    values.put(name, type.get().normal(text));
                } catch (Wrong wrong) {
                    errors.put(name, String.valueOf(wrong.getMessage()));
                }
            }
        });
        needed.keySet().stream().filter(name -> !given.containsKey(name)).forEach(name -> errors.put(name, MISSING));
        if (!errors.isEmpty()) {
            throw Refusal.parameters(errors);
        }
        return values;
    }

    private Optional<Type> type(String name) {
        Type found = types.get(name);
        if (found != null) {
            return Optional.of(found);
        }
        if (numbered.isPresent() && NUMBERED.matcher(name).matches()) {
            return Optional.of(name.startsWith("net") && types.containsKey("ostemplate") ? NET : TEXT);
        }
        return Optional.empty();
    }

    private static Check matching(String pattern, String error) {
        Pattern compiled = Pattern.compile(pattern);
        return text -> {
            Matcher matcher = compiled.matcher(text);
            if (!matcher.matches()) {
                throw new Wrong(error);
            }
            return text;
        };
    }

    private static String flag(String text) throws Wrong {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "1", "on", "yes", "true" -> "1";
            case "0", "off", "no", "false" -> "0";
            default -> throw new Wrong("type check ('boolean') failed - got '" + text + "'");
        };
    }

    private static long integer(String text) throws Wrong {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException none) {
            throw new Wrong("type check ('integer') failed - got '" + text + "'");
        }
    }

    private static String id(String text) throws Wrong {
        long value = integer(text);
        if (value < 100 || value > 999_999_999) {
            throw new Wrong("invalid format - value does not look like a valid VM ID\n");
        }
        return text;
    }

    /** Tags are kept in lower case, sorted, and once each. */
    private static String tags(String text) throws Wrong {
        var all = new java.util.TreeSet<String>();
        for (String tag : text.split("[;, ]", -1)) {
            if (!tag.isEmpty()) {
                if (!tag.matches("(?i)[a-z0-9_][a-z0-9_+.-]*")) {
                    throw new Wrong("invalid format - invalid characters in tag\n");
                }
                all.add(tag.toLowerCase(Locale.ROOT));
            }
        }
        return String.join(";", all);
    }
}
