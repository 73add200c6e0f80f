namespace MultiModal.Testing.Identity;

/// <summary>What goes wrong with a request for a token.</summary>
public enum TokenFaultKind
{
    /// <summary>400, which clients do not send again.</summary>
    Refused,

    /// <summary>429.</summary>
    TooManyRequests,

    /// <summary>500.</summary>
    InternalError,

    /// <summary>No answer for two seconds, and then a dropped connection.</summary>
    Silence,
}
