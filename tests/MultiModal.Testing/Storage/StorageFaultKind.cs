namespace MultiModal.Testing.Storage;

/// <summary>What goes wrong with a storage request.</summary>
public enum StorageFaultKind
{
    /// <summary>500, not carried out.</summary>
    InternalError,

    /// <summary>503 ServerBusy, not carried out.</summary>
    Busy,

    /// <summary>412 though the condition holds, not carried out. Requests with a condition only.</summary>
    PreconditionFailed,

    /// <summary>Carried out, half a second late.</summary>
    Late,

    /// <summary>The connection is dropped, not carried out.</summary>
    Dropped,

    /// <summary>Carried out, and the connection is dropped before a byte of the answer.</summary>
    AnswerLost,

    /// <summary>
    /// Carried out, and the connection is dropped in the middle of the answer's body. Like <see cref="AnswerLost"/> where there is none.
    /// </summary>
    AnswerCut,
}
