package dev.berth.examples.cli;

import dev.berth.BerthException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Runs the commands of an example: one, those of a tour, or those that are typed. */
public final class Shell {
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

    private final String name;
    private final PrintStream out;
    private final Commands commands;

    /** What an example can do. */
    @FunctionalInterface
    public interface Commands {
        /**
         * Carries out a command.
         *
         * @param words the command and its arguments, at least one
         * @return the exit code
         * @throws UsageException if there is no such command
         */
        int run(List<String> words) throws IOException;
    }

    /**
     * Makes a shell.
     *
     * @param name the example's name
     * @param out where it prints
     * @param commands what it can do
     */
    public Shell(String name, PrintStream out, Commands commands) {
        this.name = name;
        this.out = out;
        this.commands = commands;
    }

    /**
     * Says whether the arguments are one command.
     *
     * @param args what was typed
     * @return false for the tour and for the console
     */
    public static boolean isCommand(List<String> args) {
        return !args.isEmpty() && !args.equals(List.of("console"));
    }

    /**
     * Runs one command; what goes wrong is told.
     *
     * @param words the command and its arguments
     * @return the exit code: 2 for what was not understood, 1 for what could not be had
     */
    public int run(List<String> words) throws IOException {
        try {
            return commands.run(words);
        } catch (UsageException e) {
            out.println(e.getMessage());
            return 2;
        } catch (BerthException e) {
            out.println(e.getMessage());
            return 1;
        }
    }

    /**
     * Shows a command, and runs it.
     *
     * @param words the command and its arguments
     * @return the exit code
     */
    public int show(String... words) throws IOException {
        var line = new StringBuilder("\n$ " + name);
        for (String word : words) {
            line.append(' ').append(word.chars().anyMatch(Character::isWhitespace) ? '"' + word + '"' : word);
        }
        out.println(line);
        return run(List.of(words));
    }

    /**
     * Runs what is typed, line by line, until the end or {@code exit}.
     *
     * @param in where it is typed
     * @return the exit code of the last command that failed, 0 if none did
     */
    public int console(BufferedReader in) throws IOException {
        int failed = 0;
        while (true) {
            out.print(name + "> ");
            out.flush();
            String line = in.readLine();
            List<String> words = line == null ? List.of("exit") : words(line);
            if (words.equals(List.of("exit"))) {
                out.println();
                return failed;
            }
            if (!words.isEmpty()) {
                int code = run(words);
                failed = code == 0 ? failed : code;
            }
        }
    }

    private static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        Matcher word = WORD.matcher(line);
        while (word.find()) {
            words.add(word.group(1) != null ? word.group(1) : word.group(2));
        }
        return words;
    }
}
