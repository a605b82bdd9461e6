import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * Writes docs/mutation.md from what PIT has found. Run at the root of the project:
 *
 * <pre>
 * mvn -Pmutation -Dquick -pl core test-compile pitest:mutationCoverage
 * mvn -Pmutation -Dquick -pl core,testkit test-compile pitest:mutationCoverage
 * java docs/mutation/MutationPage.java core/target/pit-reports/mutations.xml testkit/target/pit-reports/mutations.xml
 * </pre>
 *
 * Mutants that change nothing anybody could see are named in equivalent.txt, each with its reason:
 * {@code class#method mutator description = reason}, line by line. What is held by another lock as well is named in
 * second-locks.txt, with that lock: {@code class: line of code = lock}.
 */
final class MutationPage {
    private static final Path PAGE = Path.of("docs/mutation.md");
    private static final Path EQUIVALENT = Path.of("docs/mutation/equivalent.txt");

    private static final Path SECOND_LOCKS = Path.of("docs/mutation/second-locks.txt");
    private static final Path SOURCES = Path.of("core/src/main/java");

    private record Mutant(
            String type, String method, String mutator, String line, String what, String status, String code) {
        boolean isCaught() {
            return !status.equals("SURVIVED") && !status.equals("NO_COVERAGE");
        }

        String key() {
            return type + "#" + method + " " + mutator + " " + what;
        }

        String place() {
            return type + ": " + code;
        }
    }

    private record Reasons(Map<String, String> same, Map<String, String> locked) {
        boolean isSame(Mutant mutant) {
            return same.containsKey(mutant.key());
        }

        boolean isLocked(Mutant mutant) {
            return !isSame(mutant) && locked.containsKey(mutant.place());
        }
    }

    private MutationPage() {}

    public static void main(String[] reports) throws Exception {
        List<Mutant> mutants = new ArrayList<>();
        for (String report : reports) {
            mutants.addAll(read(Path.of(report)));
        }
        var reasons = new Reasons(reasons(EQUIVALENT), reasons(SECOND_LOCKS));
        try (var page = new PrintStream(Files.newOutputStream(PAGE), false, StandardCharsets.UTF_8)) {
            write(page, mutants, reasons);
        }
        System.out.println("wrote " + PAGE);
    }

    private static List<Mutant> read(Path report) throws IOException, ParserConfigurationException, SAXException {
        NodeList found = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(report.toFile())
                .getElementsByTagName("mutation");
        List<Mutant> mutants = new ArrayList<>();
        for (int i = 0; i < found.getLength(); i++) {
            var one = (Element) found.item(i);
            String type = text(one, "mutatedClass");
            String mutator = text(one, "mutator");
            mutants.add(new Mutant(
                    type.substring(type.lastIndexOf('.') + 1),
                    text(one, "mutatedMethod"),
                    mutator.substring(mutator.lastIndexOf('.') + 1).replace("Mutator", ""),
                    text(one, "lineNumber"),
                    text(one, "description").replace("dev.berth.", "").replace('|', '/'),
                    one.getAttribute("status"),
                    code(type, Integer.parseInt(text(one, "lineNumber")))));
        }
        return mutants;
    }

    private static String text(Element parent, String child) {
        return parent.getElementsByTagName(child).item(0).getTextContent();
    }

    private static String code(String type, int line) throws IOException {
        String file = type.replaceAll("\\$.*", "").replace('.', '/') + ".java";
        return Files.readAllLines(SOURCES.resolve(file)).get(line - 1).strip();
    }

    private static Map<String, String> reasons(Path file) throws IOException {
        Map<String, String> reasons = new TreeMap<>();
        for (String line : Files.readAllLines(file)) {
            int at = line.lastIndexOf(" = ");
            if (at > 0 && !line.startsWith("//")) {
                reasons.put(line.substring(0, at).strip(), line.substring(at + 3).strip());
            }
        }
        return reasons;
    }

    private static void write(PrintStream page, List<Mutant> mutants, Reasons reasons) {
        page.println("# Broken on purpose");
        page.println();
        page.println("The reaper's rules, gates, breakers and bounds, each broken in turn by PIT (mutators STRONGER), and what the");
        page.println("tests said. This page is written by `docs/mutation/MutationPage.java`; the commands are in it. The rules are tested");
        page.println("by themselves; `Sweep`, `Reaping`, `Orphans`, `LedgerLease` and `IdleStopper` in whole sweeps, where many a gate has");
        page.println("a second lock: with one of the two broken nothing is lost, and no test can tell.");
        page.println();
        page.println("| class | mutants | caught | change nothing | held by another lock, or only words | survive |");
        page.println("|---|---:|---:|---:|---:|---:|");
        Map<String, List<Mutant>> classes = new TreeMap<>();
        mutants.forEach(mutant -> classes.computeIfAbsent(mutant.type(), none -> new ArrayList<>())
                .add(mutant));
        classes.forEach((type, all) -> row(page, "`" + type + "`", all, reasons));
        row(page, "all", mutants, reasons);
        tell(page, "Mutants that change nothing", "why it changes nothing", left(mutants).filter(reasons::isSame).toList(),
                mutant -> reasons.same().get(mutant.key()));
        tell(page, "Held by another lock, or only words", "what else holds", left(mutants).filter(reasons::isLocked).toList(),
                mutant -> reasons.locked().get(mutant.place()));
        tell(page, "Mutants that survive", "how",
                left(mutants).filter(mutant -> !reasons.isSame(mutant) && !reasons.isLocked(mutant)).toList(),
                mutant -> mutant.status().toLowerCase(java.util.Locale.ROOT).replace('_', ' '));
    }

    private static Stream<Mutant> left(List<Mutant> mutants) {
        return mutants.stream().filter(mutant -> !mutant.isCaught());
    }

    private static void row(PrintStream page, String name, List<Mutant> all, Reasons reasons) {
        long caught = all.stream().filter(Mutant::isCaught).count();
        long same = left(all).filter(reasons::isSame).count();
        long locked = left(all).filter(reasons::isLocked).count();
        page.printf(
                "| %s | %d | %d | %d | %d | %d |%n",
                name, all.size(), caught, same, locked, all.size() - caught - same - locked);
    }

    private static void tell(
            PrintStream page, String title, String column, List<Mutant> told, Function<Mutant, String> saying) {
        page.println();
        page.println("## " + title);
        page.println();
        if (told.isEmpty()) {
            page.println("None.");
            return;
        }
        page.println("| line | what | " + column + " |");
        page.println("|---|---|---|");
        told.forEach(mutant -> page.printf(
                "| `%s` %s: `%s` | %s | %s |%n",
                mutant.type(),
                mutant.line(),
                mutant.code().replace("|", "\\|"),
                mutant.what().replaceFirst("^removed conditional - replaced (\\w+) check with ", "condition is always "),
                saying.apply(mutant)));
    }
}
