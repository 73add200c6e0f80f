using System.Security.Cryptography;
using System.Text;
using AzureOpenAISimulator.Metering;

namespace AzureOpenAISimulator.Caching;

/// <summary>Follows a prompt from its beginning and notes where it can be remembered up to.</summary>
public sealed class PromptTrace : IDisposable
{
    /// <summary>The least that is remembered, in tokens.</summary>
    public const int Least = 1024;

    /// <summary>Before gpt-5.6, prompts are remembered at every so many tokens past <see cref="Least"/> (Azure OpenAI, "Prompt caching").</summary>
    private const int Step = 128;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly List<PromptBoundary> _steps = [];
    private int _tokens;
    private int _next = Least;

    public IReadOnlyList<PromptBoundary> Steps => _steps;

    /// <summary>Where the trace is now.</summary>
    public PromptBoundary Here => new(_tokens, Convert.ToHexStringLower(_hash.GetCurrentHash()));

    /// <summary>Something that only counts as a whole, such as an image or the frame of a message.</summary>
    public void AddWhole(string identity, int tokens)
    {
        _hash.AppendData(Encoding.UTF8.GetBytes($"\0{identity}\0"));
        _tokens += tokens;
        NoteSteps(_tokens);
    }

    public void AddText(string text)
    {
        int ascii = 0, others = 0, from = 0;
        for (var at = 0; at < text.Length; at++)
        {
            if (char.IsAscii(text[at])) ascii++;
            else others++;
            if (_tokens + (ascii + 3) / 4 + others <= _next) continue;
            _hash.AppendData(Encoding.UTF8.GetBytes(text[from..at]));
            from = at;
            NoteSteps(_next);
        }
        _hash.AppendData(Encoding.UTF8.GetBytes(text[from..]));
        _tokens += TextTokens.Of(text);
        NoteSteps(_tokens);
    }

    public void Dispose() => _hash.Dispose();

    private void NoteSteps(int reached)
    {
        for (; _next <= reached; _next += Step) _steps.Add(new(_next, Convert.ToHexStringLower(_hash.GetCurrentHash())));
    }
}
