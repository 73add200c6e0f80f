namespace MultiModal.Pipeline.Content;

/// <summary>What an item is, decided by its content.</summary>
public enum ItemKind
{
    Unsupported,
    Image,
    Audio,
    Text,
}
