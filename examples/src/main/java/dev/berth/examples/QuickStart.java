package dev.berth.examples;

/** The first program of the README. */
public final class QuickStart {

    private QuickStart() {}

    /**
     * Runs the example.
     *
     * @param args not used
     */
    public static void main(String[] args) {
        System.out.println("Berth quick start");
    }
}
