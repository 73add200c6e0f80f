namespace MultiModal.Pipeline.Ai.Offline;

/// <summary>A sentence, a line of a list, or a stretch of unpunctuated speech.</summary>
/// <param name="Text">One line, its list marker taken off.</param>
/// <param name="Words">Lowercase, in order.</param>
/// <param name="Input">Which input it is from.</param>
/// <param name="Position">Which sentence of that input it is, from 0.</param>
/// <param name="Mark">What stood before it.</param>
internal sealed record Sentence(string Text, IReadOnlyList<string> Words, int Input, int Position, LineMark Mark);

/// <summary>What a line begins with.</summary>
internal enum LineMark
{
    None,
    Heading,
    Bullet,
    OpenBox,
    TickedBox,
}
