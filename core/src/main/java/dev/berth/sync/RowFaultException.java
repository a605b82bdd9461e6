package dev.berth.sync;

/** A row cannot be written as it is: a constraint or a type of the store refuses it. Others may well be written. */
public final class RowFaultException extends Exception {
    private static final long serialVersionUID = 1L;

    /** The store's code for it. */
    private final String code;

    /**
     * Makes the exception.
     *
     * @param code the store's code for it: an SQLSTATE, or the vendor's number
     * @param message what the store says
     * @param cause the store's own error
     */
    public RowFaultException(String code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /**
     * Gives the store's code.
     *
     * @return an SQLSTATE, or the vendor's number
     */
    public String code() {
        return code;
    }
}
