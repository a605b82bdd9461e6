import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
 * {@code class#method mutator description = reason}, line by line.
 */
final class MutationPage {
    private static final Path PAGE = Path.of("docs/mutation.md");
    private static final Path EQUIVALENT = Path.of("docs/mutation/equivalent.txt");

    private record Mutant(String type, String method, String mutator, String line, String what, String status) {
        boolean isCaught() {
            return !status.equals("SURVIVED") && !status.equals("NO_COVERAGE");
        }

        String key() {
            return type + "#" + method + " " + mutator + " " + what;
        }
    }

    private MutationPage() {}

    public static void main(String[] reports) throws Exception {
        List<Mutant> mutants = new ArrayList<>();
        for (String report : reports) {
            mutants.addAll(read(Path.of(report)));
        }
        Map<String, String> equivalent = equivalent();
        try (var page = new PrintStream(Files.newOutputStream(PAGE), false, StandardCharsets.UTF_8)) {
            write(page, mutants, equivalent);
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
                    one.getAttribute("status")));
        }
        return mutants;
    }

    private static String text(Element parent, String child) {
        return parent.getElementsByTagName(child).item(0).getTextContent();
    }

    private static Map<String, String> equivalent() throws IOException {
        Map<String, String> reasons = new TreeMap<>();
        for (String line : Files.readAllLines(EQUIVALENT)) {
            int at = line.lastIndexOf(" = ");
            if (at > 0 && !line.startsWith("//")) {
                reasons.put(line.substring(0, at).strip(), line.substring(at + 3).strip());
            }
        }
        return reasons;
    }

    private static void write(PrintStream page, List<Mutant> mutants, Map<String, String> equivalent) {
        page.println("# Broken on purpose");
        page.println();
        page.println("The reaper's rules, gates, breakers and bounds, each broken in turn by PIT (mutators STRONGER), and what the");
        page.println("tests said. This page is written by `docs/mutation/MutationPage.java`; the commands are in it.");
        page.println();
        page.println("| class | mutants | caught | change nothing | survive |");
        page.println("|---|---:|---:|---:|---:|");
        Map<String, List<Mutant>> classes = new TreeMap<>();
        mutants.forEach(mutant -> classes.computeIfAbsent(mutant.type(), none -> new ArrayList<>())
                .add(mutant));
        classes.forEach((type, all) -> row(page, "`" + type + "`", all, equivalent));
        row(page, "all", mutants, equivalent);
        tell(page, "Mutants that change nothing", mutants, equivalent, true);
        tell(page, "Mutants that survive", mutants, equivalent, false);
    }

    private static void row(PrintStream page, String name, List<Mutant> all, Map<String, String> equivalent) {
        long caught = all.stream().filter(Mutant::isCaught).count();
        long same = all.stream()
                .filter(mutant -> !mutant.isCaught() && equivalent.containsKey(mutant.key()))
                .count();
        page.printf("| %s | %d | %d | %d | %d |%n", name, all.size(), caught, same, all.size() - caught - same);
    }

    private static void tell(
            PrintStream page, String title, List<Mutant> mutants, Map<String, String> equivalent, boolean explained) {
        page.println();
        page.println("## " + title);
        page.println();
        List<Mutant> told = mutants.stream()
                .filter(mutant -> !mutant.isCaught() && equivalent.containsKey(mutant.key()) == explained)
                .toList();
        if (told.isEmpty()) {
            page.println("None.");
            return;
        }
        page.println("| where | line | what | " + (explained ? "why it changes nothing" : "how") + " |");
        page.println("|---|---:|---|---|");
        told.forEach(mutant -> page.printf(
                "| `%s.%s` | %s | %s: %s | %s |%n",
                mutant.type(),
                mutant.method(),
                mutant.line(),
                mutant.mutator(),
                mutant.what(),
                explained ? equivalent.get(mutant.key()) : mutant.status().toLowerCase(java.util.Locale.ROOT)));
    }
}
