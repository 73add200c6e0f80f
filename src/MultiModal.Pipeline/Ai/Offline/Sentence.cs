namespace MultiModal.Pipeline.Ai.Offline;

/// <summary>A sentence, a line of a list, or a stretch of unpunctuated speech.</summary>
/// <param name="Text">Text on one line, without its list marker.</param>
/// <param name="Words">Words in lowercase, in order.</param>
/// <param name="Input">Index of the input that it is from.</param>
/// <param name="Position">Position of the sentence in that input, from 0.</param>
/// <param name="Mark">Mark that stood before it.</param>
internal sealed record Sentence(string Text, IReadOnlyList<string> Words, int Input, int Position, LineMark Mark);

/// <summary>The mark that a line begins with.</summary>
internal enum LineMark
{
    None,
    Heading,
    Bullet,
    OpenBox,
    TickedBox,
}
