namespace MultiModal.Pipeline.Ai.Selection;

/// <summary>Configuration section <c>Models</c>: what is known about models.</summary>
public sealed class ModelOptions
{
    public const string Section = "Models";

    /// <summary>
    /// Path of a catalogue of models of your own. Its models take the place of those of the built-in catalogue that have the same name, and stand beside
    /// the others. It is read when the host starts.
    /// </summary>
    public string? Catalogue { get; set; }

    /// <summary>Whether the models of the built-in catalogue hold beside those of <c>Models:Catalogue</c>. If not, nothing is known of them.</summary>
    public bool BuiltIn { get; set; } = true;
}
