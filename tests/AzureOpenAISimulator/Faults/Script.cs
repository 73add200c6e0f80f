namespace AzureOpenAISimulator.Faults;

/// <summary>What shall go wrong; the first rule that matches decides.</summary>
/// <param name="Rules">In order.</param>
/// <param name="Seed">Of all probabilities.</param>
public sealed record Script(IReadOnlyList<ScriptRule> Rules, int Seed = 0)
{
    public static Script None { get; } = new([]);
}
